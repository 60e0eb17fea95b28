from pathlib import Path

import numpy as np
import pytest
import soundfile

from actors.audio_capture import FileSource
from tests.actors.speech import make_samples
from umo_runtime.clock import ManualClock
from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.errors import AudioError


class JumpingClock(ManualClock):
    """Waiting moves the time; it never blocks."""

    def __init__(self, start_s: float = 0.0) -> None:
        super().__init__(start_s)
        self.deadlines: list[float] = []

    def wait_until(self, deadline_s: float) -> None:
        self.deadlines.append(deadline_s)
        self.advance(max(0.0, deadline_s - self.now_s()))


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    path = tmp_path / "speech.wav"
    soundfile.write(path, make_samples(1000), 16_000, subtype="FLOAT")
    return path


def test_chunks_are_20_ms_without_gaps_and_the_last_says_so(speech: Path) -> None:
    source = FileSource(speech, ManualClock(5.0), "b")
    chunks = list(source)
    assert [chunk.start_sample for chunk in chunks] == [0, 320, 640, 960]
    assert [chunk.is_last for chunk in chunks] == [False, False, False, True]
    assert np.array_equal(np.concatenate([chunk.samples for chunk in chunks]), make_samples(1000))
    assert {(chunk.stream, chunk.captured_s) for chunk in chunks} == {("b", 5.0)}
    assert source.audio_s == 1000 / 16_000


def test_a_last_chunk_may_be_full(tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"
    soundfile.write(path, make_samples(640), 16_000)
    assert [chunk.is_last for chunk in FileSource(path, ManualClock())] == [False, True]


def test_paced_chunks_come_when_their_last_sample_was_spoken(speech: Path) -> None:
    clock = JumpingClock(100.0)
    chunks = list(FileSource(speech, clock, start_s=100.0))
    expected = [100.02, 100.04, 100.06, 100.0 + 1000 / 16_000]
    assert [chunk.captured_s for chunk in chunks] == pytest.approx(expected)
    assert clock.deadlines == pytest.approx(expected)


def test_a_late_chunk_keeps_its_deadline_so_that_lateness_is_latency(speech: Path) -> None:
    clock = JumpingClock()
    chunks = iter(FileSource(speech, clock, start_s=0.0))
    next(chunks)
    clock.advance(0.03)
    assert next(chunks).captured_s == pytest.approx(0.04)
    assert clock.now_s() == pytest.approx(0.05)
    next(chunks)
    assert clock.now_s() == pytest.approx(0.06)  # the delay does not add up


def test_it_can_be_played_again(speech: Path) -> None:
    source = FileSource(speech, ManualClock())
    assert len(list(source)) == len(list(source)) == 4


def test_a_chunk_ends_where_controls_change(speech: Path) -> None:
    calm, glad = Controls(calmness=0.2), Controls(emotion="joy")
    changes = [(400 / 16_000, calm), (0.04, glad), (700 / 16_000, NEUTRAL)]
    chunks = list(FileSource(speech, ManualClock(), controls=changes))
    assert [(chunk.start_sample, chunk.controls) for chunk in chunks] == [
        (0, NEUTRAL),
        (320, NEUTRAL),
        (400, calm),
        (640, glad),
        (700, NEUTRAL),
        (960, NEUTRAL),
    ]
    assert np.array_equal(np.concatenate([chunk.samples for chunk in chunks]), make_samples(1000))
    assert [chunk.is_last for chunk in chunks] == [False] * 5 + [True]


def test_what_is_no_speech_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="does not exist"):
        list(FileSource(tmp_path / "missing.wav", ManualClock()))
