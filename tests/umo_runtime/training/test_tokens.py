from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.umo_runtime.training.test_dataset import build, random_take, seeded
from tests.umo_runtime.training.test_foundation import TINY
from umo_runtime.audio.framing import SpeechFramer
from umo_runtime.errors import CorpusError
from umo_runtime.tokenizer.audio import AudioTokenizer
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.training import tokens as tokens_module
from umo_runtime.training.corpora.utterance import Span
from umo_runtime.training.dataset import Dataset
from umo_runtime.training.tokens import (
    TokenSet,
    digest_of,
    encode_all,
    motion_tokens,
    saved_digest,
    tokenize_dataset,
)


def make_data() -> Dataset:
    words = (Span("hello", 0.5, 0.9),)
    return build([random_take(0, 60, words=words), random_take(1, 100)])


def make_tokens(hearings: int = 3, seed: int = 0) -> tuple[TokenSet, AudioTokenizer]:
    torch.manual_seed(1)
    audio, motion = AudioTokenizer(TINY).eval(), MotionTokenizer(TINY).eval()
    return tokenize_dataset(make_data(), audio, motion, hearings, seeded(seed)), audio


def counting_tokens(lengths: list[int], hearings: int = 2) -> TokenSet:
    """Tokens that are the number of their step, and for audio of their hearing."""
    steps = sum(lengths)
    count = torch.arange(steps, dtype=torch.int16)
    starts = torch.tensor(np.cumsum([0, *lengths[:-1]]))
    audio = torch.stack([count + 1000 * heard for heard in range(hearings)])
    return TokenSet(
        audio[:, :, None, None].expand(-1, -1, 4, 2),
        count[:, None].expand(-1, 3),
        count[:, None, None].expand(-1, 4, 2),
        torch.arange(len(lengths), dtype=torch.float32)[:, None].expand(-1, 3),
        starts,
        torch.tensor(lengths),
        torch.zeros(len(lengths), dtype=torch.bool),
    )


def test_steps_hold_the_frames_that_the_runtime_gathers_for_them() -> None:
    tokens, audio = make_tokens()
    data = make_data()
    for number, start in enumerate(data.starts.tolist()):
        frames = int(data.lengths[number])
        first, count = start * 1600 // 3, frames * 1600 // 3
        framer = SpeechFramer()
        samples = (data.samples[first : first + count].numpy() / 32768).astype(np.float32)
        windows = np.concatenate((framer.push(samples).windows, framer.flush().windows))[1:]
        state, live = audio.initial_state(1), []
        with torch.no_grad():
            for window in torch.from_numpy(windows[:frames]):
                codes, _, state = audio(window[None], *state)
                live.append(codes[0])
        for step in range(1, frames // 4):
            expected = torch.stack(live[4 * step - 3 : 4 * step + 1])
            assert torch.equal(tokens.audio[0, start // 4 + step].long(), expected), step


def test_text_and_motion_are_those_of_the_dataset() -> None:
    tokens, _ = make_tokens()
    data = make_data()
    assert torch.equal(tokens.text.long(), data.text)
    assert tokens.motion.shape == (data.num_frames // 4, 4, TINY.motion_levels)
    assert tokens.audio.shape == (3, data.num_frames // 4, 4, TINY.audio_levels)
    assert tokens.starts.tolist() == [0, 15]
    assert tokens.lengths.tolist() == [15, 24]


def test_takes_are_heard_as_if_alone_however_many_there_are() -> None:
    torch.manual_seed(1)
    audio, motion = AudioTokenizer(TINY).eval(), MotionTokenizer(TINY).eval()
    takes = [random_take(seed, 24 + 12 * seed) for seed in range(11)]
    together = tokenize_dataset(build(takes), audio, motion, 1, seeded())
    for number, take in enumerate(takes):
        alone = tokenize_dataset(build([take]), audio, motion, 1, seeded())
        first, length = int(together.starts[number]), int(together.lengths[number])
        assert torch.equal(together.audio[:, first : first + length], alone.audio), number


def test_babble_is_other_voices(monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[torch.Tensor] = []

    def look(samples: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        batches.append(samples)
        return samples

    monkeypatch.setattr(tokens_module, "augment", look)
    torch.manual_seed(1)
    audio, motion = AudioTokenizer(TINY).eval(), MotionTokenizer(TINY).eval()
    tokenize_dataset(build([random_take(n) for n in range(11)]), audio, motion, 2, seeded())
    assert [len(batch) for batch in batches] == [8, 8]
    for batch in batches:
        assert len({row.numpy().tobytes() for row in batch}) == 8


def test_every_keyframe_is_coded() -> None:
    data = make_data()
    motion = MotionTokenizer(TINY).train()
    codes = encode_all(motion, data)
    assert codes.shape == (data.num_frames // 4, 4, TINY.motion_levels)
    assert not motion.training  # coding must not move the codebooks
    assert torch.equal(codes[8], motion.encode(data.pose[8 * 4].float()))


def test_motion_alone_has_neither_sound_nor_words() -> None:
    data, motion = make_data(), MotionTokenizer(TINY)
    tokens = motion_tokens(data, motion, TINY)
    assert data.text.any()
    assert not tokens.text.any()
    crop = tokens.crops(4, 6, seeded())
    assert crop.audio.shape == (4, 6, 4, TINY.audio_levels)
    assert not crop.audio.any()
    assert torch.equal(tokens.motion.long(), encode_all(motion, data))


def test_equal_weights_have_equal_digests() -> None:
    torch.manual_seed(1)
    one, same = MotionTokenizer(TINY), MotionTokenizer(TINY)
    assert digest_of(one) != digest_of(same)
    same.load_state_dict(one.state_dict())
    assert digest_of(one) == digest_of(same)
    same.rest[0] += 1e-6
    assert digest_of(one) != digest_of(same)


def test_one_hearing_is_clean_and_the_others_are_of_chance() -> None:
    (once, _), (again, _), (other, _) = (make_tokens(seed=seed) for seed in (1, 1, 2))
    assert torch.equal(once.audio, again.audio)
    assert torch.equal(once.audio[0], other.audio[0])
    assert not torch.equal(once.audio[1:], other.audio[1:])
    alone, _ = make_tokens(hearings=1)
    assert torch.equal(alone.audio[0], once.audio[0])


@given(
    lengths=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    steps=st.integers(1, 12),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=30)
def test_crops_are_whole_stretches_of_one_take(lengths: list[int], steps: int, seed: int) -> None:
    tokens = counting_tokens(lengths)
    if max(lengths) < steps:
        with pytest.raises(CorpusError, match="give more speech or set fewer frames"):
            tokens.crops(4, steps, seeded(seed))
        return
    crop = tokens.crops(16, steps, seeded(seed))
    audio, text, motion = crop.audio, crop.text, crop.motion
    place = motion[:, :, 0, 0].contiguous()
    assert torch.equal(place, place[:, :1] + torch.arange(steps))
    take = torch.searchsorted(tokens.starts, place, right=True) - 1
    assert (take == take[:, :1]).all()
    assert torch.equal(crop.controls, take[:, :, None].expand(-1, -1, 3).float())
    assert torch.equal(text, place[:, :, None].expand_as(text))
    assert torch.equal(audio % 1000, place[:, :, None, None].expand_as(audio))
    heard = audio // 1000
    assert torch.equal(heard, heard[:, :1, :1, :1].expand_as(heard))


def test_every_start_and_hearing_is_drawn() -> None:
    crop = counting_tokens([5, 3, 6]).crops(500, 4, seeded())
    assert crop.motion[:, 0, 0, 0].unique().tolist() == [0, 1, 8, 9, 10]
    assert (crop.audio[:, 0, 0, 0] // 1000).unique().tolist() == [0, 1]


def test_held_out_takes_are_drawn_only_when_asked_for() -> None:
    tokens = replace(counting_tokens([5, 6]), is_held_out=torch.tensor([False, True]))
    for held_out, takes in ((False, {0}), (True, {1})):
        crop = tokens.crops(50, 4, seeded(), held_out)
        assert set(crop.controls[:, 0, 0].tolist()) == takes


def test_rows_and_joined_keep_stretches_whole() -> None:
    crop = counting_tokens([30]).crops(6, 4, seeded())
    again = crop.rows(torch.tensor([0, 1])).joined(crop.rows(torch.tensor([2, 3, 4, 5])))
    for item in fields(crop):
        assert torch.equal(getattr(again, item.name), getattr(crop, item.name))


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    tokens, _ = make_tokens()
    tokens.save(tmp_path / "tokens.npz", "some digest")
    assert [path.name for path in tmp_path.iterdir()] == ["tokens.npz"]
    assert saved_digest(tmp_path / "tokens.npz") == "some digest"
    assert saved_digest(tmp_path / "others.npz") is None
    again = TokenSet.load(tmp_path / "tokens.npz")
    for item in fields(TokenSet):
        one, other = getattr(tokens, item.name), getattr(again, item.name)
        assert one.dtype == other.dtype
        assert torch.equal(one, other), item.name
