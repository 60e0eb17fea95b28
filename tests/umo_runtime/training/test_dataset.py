from collections.abc import Iterable, Sequence
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from umo_runtime.blendshapes import MOUTH_CHANNELS
from umo_runtime.controls import NEUTRAL, NUM_PREDICTOR_CONTROLS
from umo_runtime.errors import CorpusError
from umo_runtime.tokenizer.pose import POSE_DIM
from umo_runtime.tokenizer.text import LEAD_FRAMES, TextTokenizer
from umo_runtime.training.corpora.utterance import Span
from umo_runtime.training.dataset import Dataset, train_text
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
        f"speaker-{seed % 2}",
        chance.normal(0, 3000, frames * 1600 // 3 + 7).astype(np.int16),
        chance.uniform(0, 1, (frames, len(MOUTH_CHANNELS))).astype(np.float16),
        weight,
        chance.integers(-1, 40, frames).astype(np.int8),
        chance.normal(0, 0.3, (frames, POSE_DIM)).astype(np.float16),
        words,
        NEUTRAL.vector()[:NUM_PREDICTOR_CONTROLS],
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


def build(takes: Sequence[Take], held_out: Sequence[Take] = ()) -> Dataset:
    return Dataset(takes, TEXT, SLOTS, "cpu", held_out)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


lengths_strategy = st.lists(st.integers(12, 150), min_size=1, max_size=4)


@given(lengths=lengths_strategy, frames=st.integers(2, 8).map(lambda n: 4 * n), seed=st.integers(0))
@settings(max_examples=30)
def test_crops_are_whole_stretches_of_one_take(lengths: list[int], frames: int, seed: int) -> None:
    data = build(counting_takes(lengths))
    if max(length // 12 * 12 for length in lengths) < frames:
        with pytest.raises(CorpusError, match="give more speech or set fewer frames"):
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


def test_takes_do_not_hear_one_another() -> None:
    data = build(
        [replace(random_take(n, 24), samples=np.full(12_800, 99 + n, np.int16)) for n in range(3)]
    )
    sound = data.sound(torch.arange(3), torch.tensor([0, 0, 12]), 24)
    assert not sound[:2, :1600].any()
    assert not sound[:2, -1600:].any()
    for row, level in enumerate((99, 100)):
        assert (sound[row, 1600:-1600] == level / 32768).all()
    assert (sound[2, :8000] == 101 / 32768).all()  # begins inside its take and outlasts it
    assert not sound[2, 8000:].any()


def test_held_out_takes_are_drawn_only_when_asked_for() -> None:
    data = build([random_take(0), random_take(1)], held_out=[random_take(2, 48)])
    assert data.num_training_frames == 192
    assert data.num_frames == 240
    assert (data.crops(60, 24, seeded()).first_frame <= 192 - 24).all()
    held_out = data.crops(60, 24, seeded(), capture_share=0.3, held_out=True)
    assert held_out.first_frame.unique().tolist() == [192, 204, 216]
    with pytest.raises(CorpusError, match="no take is as long"):
        data.crops(4, 60, seeded(), held_out=True)


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
    short_capture = build([random_take(0), random_take(1, 11, captured=True)])
    assert from_capture(short_capture, share) == 0.0


def test_mouth_weights_are_those_of_the_take() -> None:
    takes = [random_take(n) for n in range(3)]
    takes = [replace(t, mouth_weight=t.mouth_weight * n) for n, t in enumerate(takes)]
    crop = build(takes).crops(50, 24, seeded())
    expected = (crop.first_frame // 96)[:, None].expand_as(crop.mouth_weight)
    assert torch.equal(crop.mouth_weight, expected.float())


def test_controls_are_those_of_the_take() -> None:
    told = [np.array([n / 4, n % 2, 0], np.float32) for n in range(3)]
    crop = build([replace(random_take(n), controls=told[n]) for n in range(3)]).crops(
        50, 24, seeded()
    )
    expected = torch.from_numpy(np.stack(told))[crop.first_frame // 96]
    assert torch.equal(crop.controls, expected)


def text_of(words: tuple[Span, ...], frames: int = 96) -> Tensor:
    return build([random_take(0, frames, words=words)]).text


@given(frame=st.integers(0, 92))
def test_a_word_falls_into_the_step_in_which_it_is_told(frame: int) -> None:
    text = text_of((Span("hello", (frame + LEAD_FRAMES + 0.5) / 30, 9.0),))
    (step,) = text[:, 0].nonzero().flatten().tolist()
    assert 4 * step - 3 <= frame <= 4 * step
    codes = TEXT.encode("hello")
    assert text[step].tolist() == [*codes, *[0] * (SLOTS - len(codes))]


def test_words_of_a_step_queue_up_until_it_is_full() -> None:
    hello, there = TEXT.encode("hello"), TEXT.encode("there")
    assert len(hello) == len(there) == 1
    lead_s = LEAD_FRAMES / 30
    words = tuple(
        Span(w, lead_s + 0.31, lead_s + 0.32) for w in ("hello", "there", "hello", "there")
    )
    text = text_of((*words, Span("there", lead_s + 0.5, lead_s + 0.6)))
    assert text[3].tolist() == [*hello, *there, *hello]
    assert text[4].tolist() == [*there, 0, 0]
    assert not text_of((Span("hello", lead_s + 3.3, lead_s + 3.4),)).any()  # after the end


def test_text_goes_with_its_crop() -> None:
    words = tuple(Span("hello", (n + LEAD_FRAMES + 0.5) / 30, 9.0) for n in range(0, 96, 24))
    data = build([random_take(0, 50), random_take(1, 96, words=words)])
    crop = data.crops(40, 24, seeded())
    step = crop.first_frame[:, None] // 4 + torch.arange(6)
    expected = (step >= 12) & ((step - 12) % 6 == 0)
    assert torch.equal(crop.text[:, :, 0] > 0, expected)


def test_the_vocabulary_knows_the_words_of_the_takes() -> None:
    spoken = ("performance", "performances", "performing")
    words = tuple(Span(word, 0.0, 0.1) for word in spoken for _ in range(9))
    text = train_text([random_take(0, words=words), random_take(1)], 290)
    assert 256 < text.num_codes <= 290
    assert len(text.encode("performance")) == 1
    assert len(text.encode("xylophone")) > 3
