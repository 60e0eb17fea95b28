import json
import math
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.umo_runtime.cli.conftest import FakeEngine
from umo_runtime.cli.main import main
from umo_runtime.controls import Controls
from umo_runtime.errors import WeightsError

pytestmark = pytest.mark.usefixtures("fake_engine")


def run_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main(["run", *map(str, arguments), "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    (line,) = printed.out.splitlines()
    result: dict[str, Any] = json.loads(line)
    return result


@pytest.mark.parametrize(("fps", "frames"), [(30, 36), (60, 71)])
def test_json_is_one_object_with_everything(
    speech: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], fps: int, frames: int
) -> None:
    take, url = tmp_path / "take.npz", "vmc://127.0.0.1:39539"
    result = run_json(capsys, speech, "--fps", fps, "--record", take, "--output", url)
    assert (result["frames"], result["fps"], result["audio_s"]) == (frames, fps, 1.2)
    assert result["recordings"] == [str(take)]
    assert result["outputs"] == [url]
    assert result["realtime_factor"] > 0
    assert result["first_frame_ms"] > 0
    assert set(result["latency_ms"]) == {"p50", "p95", "p99"}


def test_recordings_hold_the_frames(
    speech: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    targets = [tmp_path / f"take.{suffix}" for suffix in ("npz", "bvh", "csv", "vrma", "glb")]
    arguments = [part for target in targets for part in ("--record", str(target))]
    assert main(["run", str(speech), *arguments]) == 0
    printed = capsys.readouterr().out
    assert all(str(target) in printed for target in targets)
    assert all(target.stat().st_size for target in targets)
    with np.load(targets[0]) as motion:
        assert motion["rotations"].shape == (36, 55, 4)
        assert str(motion["audio_path"]) == str(speech)


def test_frames_reach_a_vmc_receiver(speech: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        run_json(capsys, speech, "--output", f"vmc://127.0.0.1:{receiver.getsockname()[1]}")
        assert receiver.recv(65_536).startswith(b"#bundle")


def test_the_same_seed_gives_the_same_frames_and_words_and_seeds_matter(
    speech: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def rotations(*options: str) -> bytes:
        run_json(capsys, speech, "--record", tmp_path / "take.npz", *options)
        with np.load(tmp_path / "take.npz") as motion:
            data: bytes = motion["rotations"].tobytes()
            return data

    plain = rotations()
    assert rotations("--seed", "0") == plain
    assert rotations("--seed", "5") != plain
    assert rotations("--text", "Hello, who are you?") != plain


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--calmness", "0.2"), Controls(calmness=0.2)),
        (("--emotion", "joy:0.7"), Controls(emotion="joy", intensity=0.7)),
        (("--emotion", "anger"), Controls(emotion="anger")),
        (("--state", "listening"), Controls(state="listening")),
        (("--gaze", "-30,10"), Controls(gaze_rad=(math.radians(-30), math.radians(10)))),
    ],
)
def test_the_graph_is_told_the_controls(
    speech: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: tuple[str, ...],
    expected: Controls,
) -> None:
    engine, told = FakeEngine(), set()
    step = engine.interpolator.step

    def watch(*arguments: Any) -> Any:
        told.update(row.tobytes() for row in arguments[-1])
        return step(*arguments)

    monkeypatch.setattr(engine.interpolator, "step", watch)
    monkeypatch.setattr("umo_runtime.cli.speech_job.open_engine", lambda weights: engine)
    run_json(capsys, speech, *options)
    assert told == {expected.vector().tobytes()}


def test_realtime_takes_as_long_as_the_speech(
    speech: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_json(capsys, speech, "--realtime")
    assert result["realtime_factor"] >= 0.95
    assert result["latency_ms"]["p50"] < 1000


def test_people_get_a_table_and_a_hint(speech: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(speech)]) == 0
    printed = capsys.readouterr()
    assert "36 at 30 a second" in printed.out
    assert "--record" in printed.err


def write_nan(folder: Path) -> list[str]:
    samples = np.zeros(100_000, np.float32)
    samples[90_000] = np.nan  # late: by then frames have been made
    soundfile.write(folder / "nan.wav", samples, 16_000, subtype="FLOAT")
    return [str(folder / "nan.wav")]


def write_text(folder: Path) -> list[str]:
    (folder / "notes.wav").write_text("not audio")
    return [str(folder / "notes.wav")]


def write_empty(folder: Path) -> list[str]:
    (folder / "empty.wav").touch()
    return [str(folder / "empty.wav")]


def write_no_samples(folder: Path) -> list[str]:
    soundfile.write(folder / "none.wav", np.zeros(0), 16_000)
    return [str(folder / "none.wav")]


def good_speech_and(*options: str) -> Callable[[Path], list[str]]:
    return lambda folder: [
        str(folder / "speech.wav"),
        *(option.format(folder=folder) for option in options),
    ]


@pytest.mark.parametrize(
    ("arrange", "reason"),
    [
        (write_text, "not an audio file"),
        (write_empty, "is empty"),
        (write_no_samples, "no audio samples"),
        (write_nan, "NaN"),
        (lambda folder: [str(folder)], "--record is for one speech file"),
        (good_speech_and("--format", "vrma"), "--format and --anew belong to --out"),
        (good_speech_and("--anew"), "--format and --anew belong to --out"),
        (lambda folder: [str(folder / "missing.wav")], "does not exist"),
        (good_speech_and("--record", "{folder}/speech.wav/take.bvh"), "does not exist"),
        (good_speech_and("--record", "{folder}/missing/take.bvh"), "does not exist"),
        (good_speech_and("--record", "{folder}"), "format"),
        (good_speech_and("--record", "{folder}/take.mov"), ".npz, .bvh, .csv"),
        (good_speech_and("--output", "http://127.0.0.1:80"), "unknown output"),
        (good_speech_and("--output", "vmc://127.0.0.1:70000"), "1 to 65535"),
        (good_speech_and("--output", "vmc://127.0.0.1:0"), "1 to 65535"),
        (good_speech_and("--output", "vmc://127.0.0.1"), "no port"),
        (good_speech_and("--text", "..."), "no word"),
        (good_speech_and("--calmness", "1.5"), "calmness is 1.5; give a number from 0 to 1"),
        (good_speech_and("--calmness", "very"), "valid number"),
        (good_speech_and("--emotion", "bliss"), "give one of neutral, joy, anger, sadness"),
        (good_speech_and("--emotion", "joy:much"), "such as joy:0.7"),
        (good_speech_and("--emotion", "joy:2"), "intensity is 2.0; give a number from 0 to 1"),
        (good_speech_and("--state", "asleep"), "give one of speaking, listening, idle"),
        (good_speech_and("--gaze", "left"), "give YAW,PITCH in degrees"),
        (good_speech_and("--gaze", "1,2,3"), "give YAW,PITCH in degrees"),
        (good_speech_and("--gaze", "200,0"), "within half a turn"),
        (good_speech_and("--gaze", "nan,0"), "within half a turn"),
    ],
)
def test_bad_input_is_one_line_exit_2_and_no_file(
    speech: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arrange: Callable[[Path], list[str]],
    reason: str,
) -> None:
    arguments = arrange(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert main(["run", *arguments, "--record", str(tmp_path / "good.npz")]) == 2
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert reason in line
    assert printed.out == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_missing_weights_are_one_line_and_leave_no_file(
    speech: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(weights: Path | None) -> None:
        raise WeightsError(f"no weights in {weights}")

    monkeypatch.setattr("umo_runtime.cli.speech_job.open_engine", refuse)
    take = tmp_path / "take.npz"
    assert main(["run", str(speech), "--weights", "nowhere", "--record", str(take)]) == 2
    assert capsys.readouterr().err == "umo: no weights in nowhere\n"
    assert not take.exists()


def test_a_failed_run_keeps_the_recording_that_was_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take = tmp_path / "take.npz"
    take.write_bytes(b"the last take")
    assert main(["run", *write_nan(tmp_path), "--record", str(take)]) == 2
    assert take.read_bytes() == b"the last take"
