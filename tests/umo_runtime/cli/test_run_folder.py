import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from umo_runtime.cli import folder_job
from umo_runtime.cli.main import main
from umo_runtime.cli.speech_job import run_job

pytestmark = pytest.mark.usefixtures("fake_engine")


@pytest.fixture
def voices(tmp_path: Path, speech: Path) -> Path:
    """Two good files, one of them below, a bad one between them, and things that are no speech."""
    folder = tmp_path / "voices"
    (folder / "b act").mkdir(parents=True)
    samples, rate_hz = soundfile.read(speech)
    soundfile.write(folder / "a.FLAC", samples, rate_hz, format="FLAC")
    soundfile.write(folder / "b act" / "c.ogg", samples[:, 0], rate_hz)
    (folder / "b.wav").write_text("not audio")
    (folder / "notes.md").write_text("no speech")
    (folder / "._a.wav").write_text("what some systems leave beside a.wav")
    return folder


def run_json(capsys: pytest.CaptureFixture[str], code: int, *arguments: object) -> dict[str, Any]:
    assert main(["run", *map(str, arguments), "--json"]) == code
    printed = capsys.readouterr()
    assert printed.err == ""
    result: dict[str, Any] = json.loads(printed.out)
    return result


def names(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


def test_every_file_gets_every_format_and_a_bad_one_stops_nobody(
    voices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "motion"
    assert main(["run", str(voices), "--out", str(out), "--format", "vrma,.CSV, npz,csv"]) == 2
    assert names(out) == {
        *("a.vrma", "a.csv", "a.npz"),
        *("b act/c.vrma", "b act/c.csv", "b act/c.npz"),
    }
    with np.load(out / "b act" / "c.npz") as motion:
        assert motion["rotations"].shape == (36, 55, 4)
        assert str(motion["audio_path"]) == str(voices / "b act" / "c.ogg")
    printed = capsys.readouterr()
    assert "2 of 3 files, 2.4 s of speech: 6 recordings" in printed.out
    first, second = printed.err.splitlines()
    assert first == "umo: 1 of 3 failed:"
    assert f"{voices / 'b.wav'} is not an audio file" in second


def test_a_second_run_makes_what_is_missing_or_older(
    voices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "motion"
    (voices / "b.wav").unlink()
    first = run_json(capsys, 0, voices, "--out", out, "--format", "npz,csv")
    assert (first["files"], first["done"], first["skipped"]) == (2, 2, 0)
    again = run_json(capsys, 0, voices, "--out", out, "--format", "npz,csv")
    assert (again["done"], again["skipped"], again["recordings"]) == (0, 2, [])
    assert again["realtime_factor"] is None
    (out / "a.csv").unlink()
    newer_s = (out / "b act" / "c.npz").stat().st_mtime + 10
    os.utime(voices / "b act" / "c.ogg", (newer_s, newer_s))
    third = run_json(capsys, 0, voices, "--out", out, "--format", "npz,csv")
    c = out / "b act" / "c"
    assert third["recordings"] == [str(out / "a.csv"), f"{c}.npz", f"{c}.csv"]
    anew = run_json(capsys, 0, voices, "--out", out, "--format", "npz", "--anew")
    assert (anew["done"], anew["skipped"]) == (2, 0)


def test_an_interrupted_run_leaves_whole_files_and_goes_on(
    voices: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "motion"
    (voices / "b.wav").unlink()

    def interrupt(job: Any, clock: Any, engine: Any, bar: Any) -> Any:
        if job.speech.name != "c.ogg":
            return run_job(job, clock, engine, bar)
        write = bar.write

        def strike(frame: Any) -> None:
            write(frame)
            if frame.index == 20:
                raise KeyboardInterrupt

        bar.write = strike
        return run_job(job, clock, engine, bar)

    monkeypatch.setattr(folder_job, "run_job", interrupt)
    assert main(["run", str(voices), "--out", str(out)]) == 130
    assert names(out) == {"a.npz"}
    assert "1 of 2 files done; the same command goes on from there" in capsys.readouterr().err
    monkeypatch.setattr(folder_job, "run_job", run_job)
    assert run_json(capsys, 0, voices, "--out", out)["done"] == 1
    assert names(out) == {"a.npz", "b act/c.npz"}


def test_a_file_alone_is_what_it_is_in_a_folder(
    voices: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both, alone = tmp_path / "both", tmp_path / "alone.npz"
    run_json(capsys, 2, voices, "--out", both, "--seed", "3")
    run_json(capsys, 0, voices / "b act" / "c.ogg", "--record", alone, "--seed", "3")
    with np.load(both / "b act" / "c.npz") as first, np.load(alone) as second:
        for key in ("rotations", "blendshapes", "root_position"):
            np.testing.assert_array_equal(first[key], second[key])
    run_json(capsys, 0, voices / "a.FLAC", "--out", tmp_path / "one")
    assert names(tmp_path / "one") == {"a.npz"}


def rotations(capsys: pytest.CaptureFixture[str], speech: Path, out: Path) -> bytes:
    run_json(capsys, 0, speech, "--out", out)
    with np.load(out / speech.with_suffix(".npz").name) as motion:
        data: bytes = motion["rotations"].tobytes()
        return data


def test_a_transcript_beside_the_speech_is_used(
    speech: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "motion"
    plain = rotations(capsys, speech, out)
    speech.with_suffix(".txt").write_text("hello who are you")
    later_s = (out / "speech.npz").stat().st_mtime + 10
    os.utime(speech.with_suffix(".txt"), (later_s, later_s))
    worded = rotations(capsys, speech, out)
    assert worded != plain
    shutil.rmtree(out)
    speech.with_suffix(".TextGrid").write_text(
        'File type = "ooTextFile"\nObject class = "TextGrid"\n0 1.2 <exists> 1\n'
        '"IntervalTier" "words" 0 1.2 2 0 0.9 "sil" 0.9 1.2 "hello"'
    )
    assert rotations(capsys, speech, out) not in (plain, worded)


@pytest.mark.parametrize(
    ("suffix", "content", "reason"),
    [
        (".txt", b" ... ", "holds no word"),
        (".txt", b"\xff\xfe\xfa", "UTF-8"),
        (".TextGrid", b"no grid", "is not a TextGrid"),
        (
            ".TextGrid",
            b'"ooTextFile" "TextGrid" 0 1 <exists> 1 "IntervalTier" "phones" 0 1 1 0 1 "a"',
            "no tier named words, but phones",
        ),
    ],
)
def test_a_bad_transcript_is_a_failure_of_its_file(
    speech: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    suffix: str,
    content: bytes,
    reason: str,
) -> None:
    speech.with_suffix(suffix).write_bytes(content)
    result = run_json(capsys, 2, speech, "--out", tmp_path / "motion")
    ((failed),) = result["failed"]
    assert failed["speech"] == str(speech)
    assert reason in failed["reason"]
    assert names(tmp_path / "motion") == set()


def test_a_failure_in_the_middle_leaves_what_was_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = np.zeros(40_000, np.float32)
    samples[30_000] = np.nan
    folder, out = tmp_path / "voices", tmp_path / "motion"
    folder.mkdir()
    out.mkdir()
    soundfile.write(folder / "a.wav", samples, 16_000, subtype="FLOAT")
    soundfile.write(folder / "b.wav", samples[:20_000], 16_000, subtype="FLOAT")
    (out / "a.npz").write_text("older")
    os.utime(out / "a.npz", (1, 1))
    result = run_json(capsys, 2, folder, "--out", out)
    assert result["done"] == 1
    assert "NaN" in result["failed"][0]["reason"]
    assert (out / "a.npz").read_text() == "older"
    assert names(out) == {"a.npz", "b.npz"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["{voices}"], "say with --out FOLDER"),
        (["{voices}", "--out", "{tmp}/speech.wav"], "is a file; give --out a folder"),
        (["{voices}", "--out", "{tmp}/speech.wav/deep"], "cannot create the folder"),
        (["{tmp}/empty", "--out", "{tmp}/out"], "holds no speech; expected files that end in .wav"),
        (
            ["{tmp}/missing", "--out", "{tmp}/out"],
            "does not exist; give a speech file, or a folder",
        ),
        (
            ["{voices}", "--out", "{tmp}/out", "--format", "fbx"],
            "give some of npz, bvh, csv, vrma, glb",
        ),
        (["{voices}", "--out", "{tmp}/out", "--format", ""], "give some of npz"),
        (["{voices}", "--out", "{tmp}/out", "--text", "hi"], "--text is for one speech file"),
        (["{voices}", "--out", "{tmp}/out", "--realtime"], "--realtime is for one speech file"),
        (["{voices}", "--output", "vmc://127.0.0.1:1"], "--output is for one speech file"),
        (["{tmp}/twice", "--out", "{tmp}/out"], "would become the same recording; rename one"),
    ],
)
def test_bad_input_is_one_line_exit_2_and_no_file(
    voices: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    reason: str,
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "twice").mkdir()
    for name in ("a.wav", "a.mp3"):
        (tmp_path / "twice" / name).touch()
    before = names(tmp_path)
    filled = [part.format(voices=voices, tmp=tmp_path) for part in arguments]
    assert main(["run", *filled]) == 2
    printed = capsys.readouterr()
    (line,) = printed.err.splitlines()
    assert reason in line
    assert printed.out == ""
    assert names(tmp_path) == before
