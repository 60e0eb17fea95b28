from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.umo_runtime.training.test_dataset import random_take
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.controls import CALMNESS, IDLE, LISTENING, NEUTRAL, Controls
from umo_runtime.training import production
from umo_runtime.training.config import CorporaConfig
from umo_runtime.training.corpora.utterance import FaceCapture, MotionClip, Span, Utterance
from umo_runtime.training.production import load_takes
from umo_runtime.training.take import Take


class SerialPool:
    """A process pool in this process."""

    def __init__(
        self, workers: int, context: object, start: Callable[..., None], given: tuple[Any, ...]
    ) -> None:
        start(*given)

    def __enter__(self) -> "SerialPool":
        return self

    def __exit__(self, *fault: object) -> None: ...

    def map(self, work: Callable[..., Take], jobs: Iterable[Any], chunksize: int) -> Iterator[Take]:
        return map(work, jobs)


def phones_of(source: Utterance | FaceCapture) -> tuple[Span, ...]:
    return source.phones if isinstance(source, Utterance) else ()


@pytest.fixture
def corpora(monkeypatch: pytest.MonkeyPatch) -> CorporaConfig:
    """Two speakers with alignments, one without, one capture; takes keep what they were made of."""
    quiet, phones = np.zeros(16_000, np.float32), (Span("AA", 0.0, 1.0),)
    speech = [
        Utterance("a-1", "a", quiet, phones=phones),
        Utterance("b-1", "b", quiet, phones=phones),
        Utterance("c-1", "c", quiet),
    ]
    capture = FaceCapture(
        "face", quiet, np.zeros((30, NUM_BLENDSHAPES), np.float32), np.zeros(NUM_BLENDSHAPES, bool)
    )
    still = np.zeros((1, 55, 4), np.float32)
    clips = [
        MotionClip(name, "x", still, still[0, :, :3]) for name in ("Idle01", "LHandOnHipAndTalk")
    ]

    def make(
        source: Utterance | FaceCapture,
        clips: list[MotionClip],
        chance: np.random.Generator,
        controls: Controls = NEUTRAL,
    ) -> Take:
        return replace(
            random_take(0, 12),
            name=f"{source.name} {len(clips)}",
            words=(Span("speech", 0, len(source.samples) / 16_000), *phones_of(source)),
            samples=chance.integers(9999, size=6400, dtype=np.int16),
            controls=controls.vector(),
        )

    for name, value in {
        "ProcessPoolExecutor": SerialPool,
        "Choreographer": lambda clips: clips,
        "read_smartbody": lambda path: clips,
        "is_test_clip": lambda name: name == "Idle01",
        "read_librispeech": lambda path, alignment: iter(speech),
        "read_ljspeech": lambda path, alignment: iter(
            [replace(speech[0], name=f"lj {alignment}", speaker="lj")]
        ),
        "read_labelled_speech": lambda path: iter(
            [replace(speech[0], name=str(path), speaker=str(path))]
        ),
        "read_facegood": lambda path: iter([capture]),
        "perform": make,
        "perform_capture": make,
    }.items():
        monkeypatch.setattr(production, name, value)
    return CorporaConfig(Path("l"), Path("a"), Path("s"), Path("f"), performances=3, workers=1)


def test_all_aligned_speech_and_captures_are_performed_without_test_clips(
    corpora: CorporaConfig,
) -> None:
    names = [take.name for take in load_takes(corpora, 1)]
    assert names == ["a-1 1", "b-1 1", "face 1"] * 3


def test_every_performance_has_chance_of_its_own(corpora: CorporaConfig) -> None:
    takes = load_takes(corpora, 1)
    assert len({take.samples.tobytes() for take in takes}) == len(takes)
    again = load_takes(corpora, 1)
    assert [t.samples.tobytes() for t in takes] == [t.samples.tobytes() for t in again]


@pytest.mark.parametrize("count", [1, 2, 5, 9, 20])
def test_takes_can_be_limited(corpora: CorporaConfig, count: int) -> None:
    assert len(load_takes(replace(corpora, max_takes=count), 1)) == min(count, 9)


def test_more_speech_is_performed_where_it_is_given(corpora: CorporaConfig) -> None:
    more = replace(
        corpora,
        ljspeech=Path("lj"),
        ljspeech_alignment=Path("times"),
        voices=(Path("v"), Path("w")),
        performances=1,
    )
    names = [take.name for take in load_takes(more, 1)]
    assert names == ["a-1 1", "b-1 1", "lj times 1", "v 1", "w 1", "face 1"]


def test_all_alignments_are_read(corpora: CorporaConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    monkeypatch.setattr(
        production, "read_librispeech", lambda path, alignment: read.append(alignment) or iter(())
    )
    load_takes(replace(corpora, more_alignments=(Path("b"), Path("c"))), 1)
    assert read == [(Path("a"), Path("b"), Path("c"))]


def test_takes_are_told_what_to_be_by_their_shares(corpora: CorporaConfig) -> None:
    takes = load_takes(replace(corpora, performances=600), 1)
    spoken = [take for take in takes if take.name != "face 1"]
    told = np.stack([take.controls for take in spoken])
    listening, idle = told[:, LISTENING] == 1, told[:, IDLE] == 1
    is_natural = told[:, CALMNESS] == 0.5
    assert (~listening & ~idle & is_natural).mean() == pytest.approx(0.55, abs=0.04)
    assert (~listening & ~idle & ~is_natural).mean() == pytest.approx(0.25, abs=0.04)
    assert listening.mean() == pytest.approx(0.12, abs=0.03)
    assert idle.mean() == pytest.approx(0.08, abs=0.03)
    assert np.histogram(told[~is_natural, CALMNESS], 4, (0, 1))[0].min() > 60
    for take, is_idle in zip(spoken, idle, strict=True):
        assert (lengths_s(take)[0] == 40) == is_idle  # waits where nobody speaks


def lengths_s(take: Take) -> tuple[float, float]:
    """How long the speech of a take is that `make` made, and until when its phones last."""
    return take.words[0].end_s, take.words[-1].end_s


def test_half_of_the_speech_is_played_faster_or_slower(corpora: CorporaConfig) -> None:
    takes = [
        take for take in load_takes(replace(corpora, performances=100), 1) if "a-1" in take.name
    ]
    spoken = [lengths_s(take) for take in takes if not take.controls[IDLE]]
    own = min(speech for speech, _ in spoken), max(speech for speech, _ in spoken)
    usual = float(np.median([speech for speech, _ in spoken]))
    assert np.mean([speech == usual for speech, _ in spoken]) == pytest.approx(0.5, abs=0.15)
    assert usual / 1.15 < own[0] < 0.95 * usual
    assert 1.05 * usual < own[1] < usual / 0.87
    start = usual - next(phone for speech, phone in spoken if speech == usual)
    for speech, phone in spoken:
        assert speech - phone == pytest.approx(start * speech / usual, abs=1e-3)


def test_captured_faces_speak_as_they_did(corpora: CorporaConfig) -> None:
    for take in load_takes(replace(corpora, performances=50), 1):
        if take.name == "face 1":
            np.testing.assert_array_equal(take.controls, NEUTRAL.vector())
