from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from umo_runtime.blendshapes import MOUTH_CHANNELS, NUM_BLENDSHAPES
from umo_runtime.errors import CorpusError
from umo_runtime.tokenizer.pose import POSE_DIM
from umo_runtime.tokenizer.text import TextTokenizer
from umo_runtime.training import dataset
from umo_runtime.training.config import CorporaConfig
from umo_runtime.training.corpora.utterance import FaceCapture, MotionClip, Span, Utterance
from umo_runtime.training.dataset import Dataset, load_takes, read_takes, save_takes, train_text
from umo_runtime.training.framing import LEAD_SAMPLES
from umo_runtime.training.take import Take

TEXT = TextTokenizer.train(["hello world", "hello there"], 300)
SLOTS = 3


def random_take(
    seed: int, frames: int = 96, captured: bool = False, words: tuple[Span, ...] = ()
) -> Take:
    """A take of noise: every field filled, nothing to be learnt but by heart."""
    chance = np.random.default_rng(seed)
    weight = np.ones(len(MOUTH_CHANNELS), np.float32)
    weight[::3] = 1 - captured
    return Take(
        f"take-{seed}",
        chance.normal(0, 3000, frames * 1600 // 3 + 7).astype(np.int16),
        chance.uniform(0, 1, (frames, len(MOUTH_CHANNELS))).astype(np.float16),
        weight,
        chance.integers(-1, 40, frames).astype(np.int8),
        chance.normal(0, 0.3, (frames, POSE_DIM)).astype(np.float16),
        words,
    )


def counting_takes(lengths: Iterable[int], captured: tuple[int, ...] = ()) -> list[Take]:
    """Takes whose samples, mouths, phones and poses are the number of their frame."""
    takes, start = [], 0
    for number, length in enumerate(lengths):
        take = random_take(number, length, number in captured)
        frame = start + np.arange(length)
        sample_frame = start + np.arange(len(take.samples)) * 3 // 1600
        takes.append(
            replace(
                take,
                samples=sample_frame.astype(np.int16),
                mouth=np.broadcast_to(frame[:, None] / 2048, take.mouth.shape).astype(np.float16),
                phones=(frame % 40).astype(np.int8),
                pose=np.broadcast_to(frame[:, None], take.pose.shape).astype(np.float16),
            )
        )
        start += length // 12 * 12
    return takes


def build(takes: list[Take]) -> Dataset:
    return Dataset(takes, TEXT, SLOTS, "cpu")


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


lengths_strategy = st.lists(st.integers(12, 150), min_size=1, max_size=4)


@given(lengths=lengths_strategy, frames=st.integers(2, 8).map(lambda n: 4 * n), seed=st.integers(0))
@settings(max_examples=30)
def test_crops_are_whole_stretches_of_one_take(lengths: list[int], frames: int, seed: int) -> None:
    data = build(counting_takes(lengths))
    if max(length // 12 * 12 for length in lengths) <= frames:
        with pytest.raises(CorpusError, match="give more speech or shorter crops"):
            data.crops(4, frames, seeded(seed % 2**31))
        return
    crop = data.crops(16, frames, seeded(seed % 2**31))
    expected = crop.first_frame[:, None] + torch.arange(frames)
    assert (crop.first_frame % 4 == 0).all()
    assert torch.equal(crop.pose[:, :, 5], expected.float())
    assert torch.equal(crop.mouth[:, :, 2] * 2048, expected.float())
    assert torch.equal(crop.phones, expected % 40)
    take = torch.searchsorted(data.starts, expected, right=True) - 1
    assert (take == take[:, :1]).all()


@given(lengths=lengths_strategy, seed=st.integers(0, 2**31))
@settings(max_examples=30)
def test_sound_belongs_to_its_frames(lengths: list[int], seed: int) -> None:
    data = build(counting_takes([*lengths, 60]))
    crop = data.crops(16, 24, seeded(seed))
    assert crop.samples.shape == (16, 24 * 1600 // 3 + 2 * LEAD_SAMPLES)
    sounding = crop.samples[:, LEAD_SAMPLES:-LEAD_SAMPLES] * 32768
    heard = crop.first_frame[:, None] + torch.arange(24 * 1600 // 3) * 3 // 1600
    assert torch.equal(sounding, heard.float())


def test_there_is_silence_before_the_first_and_after_the_last_take() -> None:
    data = build([replace(random_take(0, 24), samples=np.full(12_800, 99, np.int16))])
    sound = data.sound(torch.tensor([0]), 24)[0]
    assert not sound[:1600].any()
    assert not sound[-1600:].any()
    assert (sound[1600:-1600] == 99 / 32768).all()


def test_every_start_of_the_grid_is_drawn() -> None:
    data = build(counting_takes([60, 40]))
    starts = data.crops(400, 20, seeded()).first_frame.unique().tolist()
    assert starts == [0, 12, 24, 36, 60, 72]


def test_the_same_generator_gives_the_same_crops() -> None:
    data = build([random_take(0), random_take(1)])
    a, b, c = (data.crops(8, 24, seeded(seed)) for seed in (1, 1, 2))
    for item in fields(a):
        assert torch.equal(getattr(a, item.name), getattr(b, item.name))
    assert not torch.equal(a.first_frame, c.first_frame)


def from_capture(data: Dataset, share: float) -> float:
    crop = data.crops(800, 12, seeded(), share)
    return float((crop.mouth_weight.min(dim=1).values < 1).float().mean())


def test_captures_get_their_share_however_short_they_are() -> None:
    data = build([random_take(0, 600), random_take(1, 96, captured=True), random_take(2, 600)])
    assert data.is_capture.tolist() == [False, True, False]
    assert from_capture(data, 0.0) == 0.0
    assert from_capture(data, 0.3) == pytest.approx(0.3, abs=0.05)
    assert from_capture(data, 1.0) == 1.0


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_shares_need_takes_of_both_kinds(share: float) -> None:
    assert from_capture(build([random_take(0), random_take(1)]), share) == 0.0
    captures = build([random_take(0, captured=True), random_take(1, captured=True)])
    assert from_capture(captures, share) == 1.0
    short_capture = build([random_take(0), random_take(1, 12, captured=True)])
    assert from_capture(short_capture, share) == 0.0


def test_mouth_weights_are_those_of_the_take() -> None:
    takes = [random_take(n) for n in range(3)]
    takes = [replace(t, mouth_weight=t.mouth_weight * n) for n, t in enumerate(takes)]
    crop = build(takes).crops(50, 24, seeded())
    expected = (crop.first_frame // 96)[:, None].expand_as(crop.mouth_weight)
    assert torch.equal(crop.mouth_weight, expected.float())


def text_of(words: tuple[Span, ...], frames: int = 96) -> Tensor:
    return build([random_take(0, frames, words=words)]).text


@given(frame=st.integers(0, 92))
def test_a_word_falls_into_the_step_that_its_frame_belongs_to(frame: int) -> None:
    text = text_of((Span("hello", (frame + 0.5) / 30, 9.0),))
    (step,) = text[:, 0].nonzero().flatten().tolist()
    assert 4 * step - 3 <= frame <= 4 * step
    codes = TEXT.encode("hello")
    assert text[step].tolist() == [*codes, *[0] * (SLOTS - len(codes))]


def test_words_of_a_step_queue_up_until_it_is_full() -> None:
    hello, there = TEXT.encode("hello"), TEXT.encode("there")
    assert len(hello) == len(there) == 1
    words = tuple(Span(w, 0.31, 0.32) for w in ("hello", "there", "hello", "there"))
    text = text_of((*words, Span("there", 0.5, 0.6)))
    assert text[3].tolist() == [*hello, *there, *hello]
    assert text[4].tolist() == [*there, 0, 0]
    assert not text_of((Span("hello", 3.3, 3.4),)).any()  # after the end


def test_text_goes_with_its_crop() -> None:
    words = tuple(Span("hello", (n + 0.5) / 30, 9.0) for n in range(0, 96, 24))  # steps 0, 6, ...
    data = build([random_take(0, 50), random_take(1, 96, words=words)])
    crop = data.crops(40, 24, seeded())
    step = crop.first_frame[:, None] // 4 + torch.arange(6)
    expected = (step >= 12) & ((step - 12) % 6 == 0)
    assert torch.equal(crop.text[:, :, 0] > 0, expected)


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    words = (Span("don't", 0.1234567, 0.5), Span("naïve", 1 / 3, 2 / 3))
    takes = [random_take(0, 30, words=words), random_take(1, 14, captured=True)]
    save_takes(takes, tmp_path / "takes.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["takes.npz"]
    for take, again in zip(takes, read_takes(tmp_path / "takes.npz"), strict=True):
        assert (take.name, take.words) == (again.name, again.words)
        for item in ("samples", "mouth", "mouth_weight", "phones", "pose"):
            np.testing.assert_array_equal(getattr(take, item), getattr(again, item), strict=True)


def test_saving_that_fails_leaves_the_old_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "takes.npz"
    save_takes([random_take(0)], path)
    before = path.read_bytes()

    def fail(*arguments: object, **arrays: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="disk full"):
        save_takes([random_take(1)], path)
    assert path.read_bytes() == before


def test_the_vocabulary_knows_the_words_of_the_takes() -> None:
    spoken = ("performance", "performances", "performing")
    words = tuple(Span(word, 0.0, 0.1) for word in spoken for _ in range(9))
    text = train_text([random_take(0, words=words), random_take(1)], 290)
    assert 256 < text.num_codes <= 290
    assert len(text.encode("performance")) == 1
    assert len(text.encode("xylophone")) > 3


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
        source: Utterance | FaceCapture, clips: list[MotionClip], chance: np.random.Generator
    ) -> Take:
        name = f"{source.name} {len(clips)}"
        return replace(
            random_take(0, 12), name=name, samples=chance.integers(9999, size=6400, dtype=np.int16)
        )

    for name, value in {
        "ProcessPoolExecutor": SerialPool,
        "Choreographer": lambda clips: clips,
        "read_smartbody": lambda path: clips,
        "is_test_clip": lambda name: name == "Idle01",
        "read_librispeech": lambda path, alignment: iter(speech),
        "read_facegood": lambda path: iter([capture]),
        "perform": make,
        "perform_capture": make,
    }.items():
        monkeypatch.setattr(dataset, name, value)
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
