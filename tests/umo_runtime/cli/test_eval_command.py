import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from tests.umo_runtime.cli.conftest import FakeEngine
from tests.umo_runtime.evaluation.bodies import restless
from tests.umo_runtime.evaluation.corpora import write_facegood, write_librispeech
from tests.umo_runtime.evaluation.faces import make_face, make_speech
from umo_runtime.cli import evaluation_measures, extras
from umo_runtime.cli.main import main
from umo_runtime.evaluation.subjects_recorded import write_performance
from umo_runtime.training.corpora.smartbody import is_test_clip
from umo_runtime.training.corpora.utterance import MotionClip

HELD_OUT = "Idle01_BeatLowLf03"
SPEECH = make_speech(2.0)


@pytest.fixture(autouse=True)
def _fake_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("umo_runtime.cli.model_subject.open_engine", lambda weights: FakeEngine())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Small corpora of speech and faces, without motion."""
    folder = tmp_path / "data"
    write_librispeech(folder)
    write_facegood(folder)
    return folder


@pytest.fixture
def take(tmp_path: Path) -> Path:
    """A recording beside its speech."""
    soundfile.write(tmp_path / "speech.wav", SPEECH, 16_000)
    level = make_face(60, SPEECH).level_db()
    write_performance(make_face(60, SPEECH, jawOpen=(level + 80) / 100), tmp_path / "take.npz")
    return tmp_path / "take.npz"


@pytest.fixture
def beat2(tmp_path: Path) -> Path:
    """Two test recordings laid out like BEAT2, 8 s each."""
    for folder in ("smplxflame_30", "wave16k", "textgrid"):
        (tmp_path / folder).mkdir()
    names = ("2_scott_0_1_1", "2_scott_0_2_2")
    for seed, name in enumerate(names):
        poses = np.zeros((240, 55, 3))
        speeds = np.random.default_rng(seed).uniform(2, 6, (4, 3))
        poses[:, 16:20] = 0.4 * np.sin(speeds * np.arange(240)[:, None, None] / 30)
        np.savez(
            tmp_path / "smplxflame_30" / f"{name}.npz",
            poses=poses.reshape(240, 165),
            trans=np.zeros((240, 3)),
            mocap_frame_rate=30,
        )
        soundfile.write(tmp_path / "wave16k" / f"{name}.wav", make_speech(8.0, seed), 16_000)
        grid = '"ooTextFile" "TextGrid" 0 8 <exists> 1 "IntervalTier" "words" 0 8 1 0 8 "hello"'
        (tmp_path / "textgrid" / f"{name}.TextGrid").write_text(grid)
    rows = ["id,type", *(f"{name},test" for name in names)]
    (tmp_path / "train_test_split.csv").write_text("\n".join(rows))
    return tmp_path


def eval_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main(["eval", *map(str, arguments), "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    (line,) = printed.out.splitlines()
    result: dict[str, Any] = json.loads(line)
    return result


def test_the_model_is_measured_beside_its_baselines(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = eval_json(capsys, "--data", data, "--no-body", "--utterances", 2)
    assert (result["split"], result["utterances"]) == ("librispeech-test", 2)
    closures = result["figures"]["closures"]
    assert list(closures["values"]) == ["model", "ridge", "loudness", "shut", "teacher"]
    assert closures["values"]["shut"] == closures["values"]["teacher"] == 100
    assert result["figures"]["open_vowels"]["values"]["shut"] == 0
    assert set(result["figures"]["blinks_per_minute"]["values"]) == {"model", "teacher"}
    assert result["figures"].keys() >= {"closures+babble", "silence_motion+noise"}


def test_the_same_seed_gives_the_same_figures(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--data", data, "--no-body", "--utterances", 2)
    first = eval_json(capsys, *options)
    assert eval_json(capsys, *options) == first
    assert eval_json(capsys, *options, "--seed", 7)["figures"] != first["figures"]


def test_seeds_are_averaged_for_the_model_and_leave_the_rest_alone(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--data", data, "--no-body", "--utterances", 2)
    both = eval_json(capsys, *options, "--seed", 5, "--seeds", 2)
    alone = [eval_json(capsys, *options, "--seed", seed)["figures"] for seed in (5, 6)]
    assert (both["seed"], both["seeds"]) == (5, 2)
    assert "seeds" not in eval_json(capsys, "shut", *options)
    for name, figure in both["figures"].items():
        assert figure["sd"].keys() == figure["values"].keys()
        first, second = (each[name]["values"] for each in alone)
        for subject, value in figure["values"].items():
            if subject != "model":
                assert (value, figure["sd"][subject]) == (first[subject], None)
            elif None not in (first["model"], second["model"]):
                assert value == pytest.approx((first["model"] + second["model"]) / 2, abs=2e-4)
    assert both["figures"]["jaw_energy_r"]["sd"]["model"] > 0


def make_clips() -> list[MotionClip]:
    """Two clips to learn from, one held out and an idle."""
    names = (HELD_OUT, "Idle01_BeatLowLf01", "Idle01_OfferLf02", "Idle01")
    assert [is_test_clip(name) for name in names] == [True, False, False, False]
    bodies = [restless(300, seed) for seed in range(len(names))]
    return [
        MotionClip(name, "ChrBrad", body.rotations, body.root_position)
        for name, body in zip(names, bodies, strict=True)
    ]


def test_bodies_are_measured_beside_baselines_and_real_motion(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluation_measures, "_read_motion", lambda job: make_clips())
    result = eval_json(capsys, "retrieval", "--data", data, "--utterances", 0)
    assert list(result["figures"]["fgd"]["values"]) == ["retrieval", "real clips"]
    assert "closures" not in result["figures"]
    again = eval_json(capsys, "retrieval", "--data", data, "--utterances", 0, "--seeds", 2)
    assert again["figures"]["fgd"]["sd"]["retrieval"] > 0
    assert again["figures"]["fgd"]["sd"]["real clips"] is None


def test_keyframes_are_measured_beside_holding_still(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluation_measures, "_read_motion", lambda job: make_clips())
    result = eval_json(capsys, "--data", data, "--split", "smartbody-test")
    values = result["figures"]["keyframes_4_mm"]["values"]
    assert values["hermite"] < values["slerp"] < values["hold"]


def test_one_baseline_can_be_measured_alone(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = eval_json(capsys, "loudness", "--data", data, "--split", "facegood-test")
    assert list(result["figures"]["jaw_r"]["values"]) == ["loudness"]
    assert result["figures"]["jaw_r"]["target"] == ">= 0.90"


def test_lips_recorded_elsewhere_are_one_more_column(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    write_performance(make_face(90), folder / "facegood-2_04.npz")
    options = ("--data", data, "--split", "facegood-test", "--recording", f"theirs={folder}")
    values = eval_json(capsys, *options)["figures"]["jaw_lag"]["values"]
    assert list(values) == ["model", "ridge", "loudness", "shut", "theirs"]
    assert values["theirs"] is None


def test_a_recording_of_ones_own_is_measured_and_drawn(
    take: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.png"
    options = ["eval", str(take), "--speech", str(tmp_path / "speech.wav")]
    assert main([*options, "--report", str(page)]) == 0
    printed = capsys.readouterr().out
    (row,) = (line for line in printed.splitlines() if line.startswith("jaw_energy_r"))
    assert row.split()[2] == "1.000"
    assert str(page) in printed
    with Image.open(page) as picture:
        assert picture.width == 1600


def test_beat2_is_measured_beside_real_and_shuffled_motion(
    beat2: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = eval_json(capsys, "--dataset", "beat2", "--data", beat2)
    assert list(result["figures"]["fgd"]["values"]) == ["model", "shuffled"]
    assert list(result["figures"]["l1_diversity_m"]["values"]) == ["model", "shuffled", "real"]
    again = eval_json(capsys, "--dataset", "beat2", "--data", beat2, "--seeds", 2)
    deviation = again["figures"]["fgd"]["sd"]
    assert deviation["model"] > 0 and deviation["shuffled"] is None


def test_help_does_not_load_anything_heavy() -> None:
    heavy = {"numpy", "onnxruntime", "torch", "scipy", "soundfile", "PIL"}
    code = (
        f"import sys; from umo_runtime.cli.main import main; main(['eval', '--help']); "
        f"sys.exit(bool({heavy!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0


def break_take(take: Path) -> list[str]:
    take.write_bytes(b"garbage")
    return [str(take), "--speech", str(take.with_name("speech.wav"))]


def given(*options: str) -> Callable[[Path], list[str]]:
    return lambda take: [option.format(folder=take.parent) for option in options]


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (given("fly", "--data", "{folder}"), "'fly'; give one of model, ridge"),
        (given("still", "--split", "facegood-test"), "'still'; give one of model, ridge"),
        (given("teacher", "--dataset", "beat2"), "'teacher'; give one of model or a .npz"),
        (given("{folder}/take.npz"), "add --speech"),
        (given("--speech", "{folder}/speech.wav"), "belongs to a recording"),
        (given("{folder}/no.npz", "--speech", "{folder}/speech.wav"), "does not exist"),
        (given("{folder}/take.npz", "--speech", "{folder}/no.wav"), "does not exist"),
        (break_take, "is not a recording"),
        (given("--data", "{folder}"), "librispeech-train-clean-5.tar is missing"),
        (given("--data", "{folder}", "--split", "facegood-test"), "facegood is missing"),
        (given("--data", "{folder}", "--split", "smartbody-test"), "smartbody-skm.tar.xz is miss"),
        (
            given("--data", "{folder}", "--split", "smartbody-test", "--run", "{folder}"),
            "motion_tokenizer.pt does not exist",
        ),
        (given("--data", "{folder}", "--dataset", "beat2"), "train_test_split.csv"),
        (given("--data", "{folder}", "--recording", "x"), "give NAME=FOLDER"),
        (given("--data", "{folder}", "--recording", "=/"), "give NAME=FOLDER"),
        (given("--data", "{folder}", "--recording", "x=/nowhere"), "give NAME=FOLDER"),
        (given("--split", "wrong"), "'wrong' is not one of"),
        (given("--utterances", "-1"), "--utterances"),
        (given("--seeds", "0"), "--seeds"),
        (given("--split", "smartbody-test", "--seeds", "2"), "smartbody-test; leave --seeds out"),
        (given("still", "--seeds", "2"), "at random for still; leave --seeds out"),
        (
            given("{folder}/take.npz", "--speech", "{folder}/speech.wav", "--seeds", "2"),
            "leave --seeds out",
        ),
        (given("--report", "{folder}/page.jpg"), ".png"),
        (given("--report", "{folder}/no/page.png"), "create it first"),
        (given("--split", "smartbody-test", "--report", "{folder}/page.png"), "leave it out"),
        (given("--dataset", "beat2", "--recording", "x={folder}"), "leave it out"),
        (given("--run", "{folder}"), "--split smartbody-test"),
    ],
)
def test_bad_input_is_one_line_exit_2_and_no_file(
    take: Path,
    capsys: pytest.CaptureFixture[str],
    arrange: Callable[[Path], list[str]],
    reason: str,
) -> None:
    arguments = arrange(take)
    before = sorted(take.parent.rglob("*"))
    assert main(["eval", *arguments]) == 2
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert reason in line
    assert printed.out == ""
    assert sorted(take.parent.rglob("*")) == before


def test_a_failed_evaluation_leaves_no_picture(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.png"
    folder = tmp_path / "empty"
    folder.mkdir()
    options = ["--data", data, "--split", "facegood-test", "--recording", f"theirs={folder}"]
    assert main(["eval", *map(str, options), "--report", str(page)]) == 2
    assert "facegood-2_04.npz does not exist" in capsys.readouterr().err
    assert not page.exists()


def test_without_the_train_extra_the_install_command_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda package: None)
    assert main(["eval"]) == 2
    assert capsys.readouterr().err == (
        "umo: torch is not installed; run: pip install 'umo-runtime[train]'\n"
    )


@pytest.mark.data
@pytest.mark.slow
def test_baselines_on_the_real_capture(data_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = eval_json(capsys, "ridge", "--data", data_root, "--split", "facegood-test")
    assert result["figures"]["jaw_r"]["values"]["ridge"] == pytest.approx(0.835, abs=0.01)
