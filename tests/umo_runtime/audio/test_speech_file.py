import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from umo_runtime.audio.speech_file import SpeechReader, read_speech
from umo_runtime.errors import AudioError
from umo_runtime.types import FloatArray


def tone(rate_hz: int, seconds: float = 1.0) -> FloatArray:
    time_s = np.arange(int(rate_hz * seconds)) / rate_hz
    return (0.4 * np.sin(2 * np.pi * 220 * time_s)).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_becomes_16_khz(tmp_path: Path, rate_hz: int) -> None:
    path = tmp_path / "speech.wav"
    soundfile.write(path, tone(rate_hz), rate_hz, subtype="FLOAT")
    speech = read_speech(path)
    assert speech.sample_rate_hz == rate_hz
    assert speech.duration_s == pytest.approx(1.0, abs=1e-4)
    assert speech.samples.dtype == np.float32
    middle = slice(2000, 14_000)
    assert np.abs(speech.samples[middle] - tone(16_000)[middle]).max() < 2e-3


@pytest.mark.parametrize(
    ("suffix", "tolerance"), [("wav", 1e-4), ("flac", 1e-4), ("ogg", 0.1), ("mp3", 0.1)]
)
def test_formats_of_libsndfile_are_read(tmp_path: Path, suffix: str, tolerance: float) -> None:
    path = tmp_path / f"speech.{suffix}"
    soundfile.write(path, tone(16_000), 16_000)
    samples = read_speech(path).samples
    assert np.abs(samples[2000:14_000] - tone(16_000)[2000:14_000]).max() < tolerance


def test_stereo_becomes_the_mean_of_its_channels(tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"
    left, right = tone(16_000), np.zeros(16_000, np.float32)
    soundfile.write(path, np.stack((left, right), axis=1), 16_000, subtype="FLOAT")
    assert np.array_equal(read_speech(path).samples, left / 2)


@pytest.mark.parametrize("rate_hz", [16_000, 44_100])
@pytest.mark.parametrize("block_samples", [1, 320, 4000, 1_000_000])
def test_blocks_add_up_to_the_whole(tmp_path: Path, rate_hz: int, block_samples: int) -> None:
    path = tmp_path / "speech.wav"
    soundfile.write(path, tone(rate_hz, 0.3), rate_hz, subtype="FLOAT")
    with SpeechReader(path) as reader:
        blocks = list(reader.blocks(block_samples))
    assert {len(block) for block in blocks[:-1]} <= {block_samples}
    assert np.array_equal(np.concatenate(blocks), read_speech(path).samples)


def test_streamed_resampling_equals_resampling_at_once(tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"
    noise = np.random.default_rng(0).uniform(-1, 1, 100_000).astype(np.float32)
    soundfile.write(path, noise, 44_100, subtype="FLOAT")
    assert np.array_equal(read_speech(path).samples, soxr.resample(noise, 44_100, 16_000))


def test_long_files_are_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, tone(16_000, 60), 16_000)
    tracemalloc.start()
    with SpeechReader(path) as reader:
        assert sum(map(len, reader.blocks(320))) == 960_000
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 1_000_000


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused_with_their_time(
    tmp_path: Path, value: float
) -> None:
    path = tmp_path / "speech.wav"
    samples = np.stack((tone(16_000), tone(16_000)), axis=1)
    samples[8000, 1] = value
    soundfile.write(path, samples, 16_000, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"NaN or infinite at 0\.500 s"):
        read_speech(path)


def make_bad(kind: str, folder: Path) -> Path:
    path = folder / f"{kind}.wav"
    if kind == "directory":
        path.mkdir()
    elif kind == "zero bytes":
        path.touch()
    elif kind == "text":
        path.write_text("This is not audio.")
    elif kind == "headerless":
        path = folder / "speech.raw"
        path.write_bytes(bytes(1000))
    elif kind == "no samples":
        soundfile.write(path, np.zeros(0, np.float32), 44_100)
    elif kind == "under a file":
        (folder / "file").touch()
        path = folder / "file" / "speech.wav"
    return path


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("missing", "does not exist"),
        ("directory", "is a directory"),
        ("zero bytes", "is empty"),
        ("text", "is not an audio file"),
        ("headerless", "is not an audio file"),
        ("no samples", "holds no audio samples"),
        ("under a file", "cannot be read"),
    ],
)
def test_what_is_no_speech_is_refused_in_one_line(tmp_path: Path, kind: str, reason: str) -> None:
    path = make_bad(kind, tmp_path)
    with pytest.raises(AudioError, match=reason) as caught:
        read_speech(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_without_permission_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "speech.wav"
    soundfile.write(path, tone(16_000), 16_000)

    def refuse(*_: object) -> None:  # tests may run as root, who may read everything
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(AudioError, match="Permission denied"):
        read_speech(path)
