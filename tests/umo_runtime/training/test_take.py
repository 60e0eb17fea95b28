from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, MOUTH_CHANNELS, NUM_BLENDSHAPES
from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.skeleton import IDENTITY_ROTATIONS, REST_OFFSETS_M
from umo_runtime.tokenizer.pose import POSE_DIM
from umo_runtime.training.corpora.choreographer import Choreographer, MotionTrack
from umo_runtime.training.corpora.delivery import Delivery
from umo_runtime.training.corpora.looks import Look
from umo_runtime.training.corpora.timed_transcript import arpabet
from umo_runtime.training.corpora.utterance import FaceCapture, FloatArray, Span, Utterance
from umo_runtime.training.take import (
    PHONES,
    Take,
    join_utterances,
    perform,
    perform_capture,
    wait_in_silence,
)

JAW = MOUTH_CHANNELS.index(BLENDSHAPE_INDEX["jawOpen"])
LEVEL = 0.25


class StillChoreographer(Choreographer):
    """Stands in the T-pose."""

    def __init__(self) -> None: ...

    def perform(
        self,
        utterance: Utterance,
        num_frames: int,
        rng: np.random.Generator,
        controls: Controls = NEUTRAL,
        looks: Sequence[Look] = (),
        delivery: Delivery | None = None,
    ) -> MotionTrack:
        rotations = np.tile(IDENTITY_ROTATIONS, (num_frames, 1, 1))
        return MotionTrack(rotations, np.tile(REST_OFFSETS_M[0], (num_frames, 1)), ())


def tone(seconds: float, word_s: float = 0.2, name: str = "u", speaker: str = "s") -> Utterance:
    """A constant level with a click where its one word and its `AA` start."""
    samples = np.full(int(seconds * 16_000), LEVEL, np.float32)
    samples[round(word_s * 16_000)] = 1.0
    end_s = seconds - 0.05
    phones = (Span("SIL", 0.0, word_s), Span("AA", word_s, end_s), Span("SIL", end_s, seconds))
    word = Span("ah", word_s, end_s)
    return Utterance(name, speaker, samples, "ah", (word,), phones)


def join(*utterances: Utterance, seed: int = 0) -> list[Utterance]:
    return list(join_utterances(utterances, np.random.default_rng(seed)))


def pauses_s(joined: Utterance) -> list[float]:
    """Lengths of the stretches of digital silence."""
    silent = np.concatenate(([0], joined.samples == 0, [0])).astype(int)
    starts, ends = np.flatnonzero(np.diff(silent) == 1), np.flatnonzero(np.diff(silent) == -1)
    return [float(length) / 16_000 for length in ends - starts]


@given(
    utterances=st.lists(st.tuples(st.floats(0.5, 5), st.floats(0.01, 0.4)), min_size=1, max_size=5),
    seed=st.integers(0, 2**32),
)
def test_words_and_phones_move_with_their_sound(
    utterances: list[tuple[float, float]], seed: int
) -> None:
    (joined,) = join(*(tone(*utterance) for utterance in utterances), seed=seed)
    clicks = np.flatnonzero(joined.samples == 1.0)
    assert [round(word.start_s * 16_000) for word in joined.words] == clicks.tolist()
    vowels = [phone for phone in joined.phones if phone.label == "AA"]
    assert [(v.start_s, v.end_s) for v in vowels] == [(w.start_s, w.end_s) for w in joined.words]
    assert joined.text == " ".join("ah" for _ in utterances)


@given(count=st.integers(1, 5), seed=st.integers(0, 2**32))
def test_there_is_a_pause_before_between_and_after(count: int, seed: int) -> None:
    (joined,) = join(*(tone(1.0) for _ in range(count)), seed=seed)
    pauses = pauses_s(joined)
    assert len(pauses) == count + 1
    assert all(0.249 <= pause <= 6.0 for pause in pauses)
    assert joined.samples[0] == joined.samples[-1] == 0


@given(seed=st.integers(0, 2**32))
def test_phones_cover_everything_up_to_the_last_pause(seed: int) -> None:
    (joined,) = join(tone(1.0), tone(2.0), seed=seed)
    assert joined.phones[0].start_s == 0.0
    for before, after in pairwise(joined.phones):
        assert after.start_s == pytest.approx(before.end_s)
    assert joined.phones[-1].end_s + pauses_s(joined)[-1] == pytest.approx(
        len(joined.samples) / 16_000
    )


def test_long_pauses_happen_and_short_ones_are_usual() -> None:
    (joined,) = join(*(tone(0.3, 0.1) for _ in range(150)))
    pauses = np.array(pauses_s(joined))
    assert 0.35 < np.median(pauses) < 1.0
    assert 0.1 < (pauses > 2.0).mean() < 0.3


def test_takes_last_about_a_minute_and_hold_one_speaker() -> None:
    a = [tone(25.0, name=f"a{n}", speaker="a") for n in range(4)]
    b = [tone(25.0, name=f"b{n}", speaker="b") for n in range(2)]
    joined = join(*a, *b)
    assert [(take.name, take.speaker, len(take.words)) for take in joined] == [
        ("a0", "a", 3),
        ("a3", "a", 1),
        ("b0", "b", 2),
    ]
    assert join() == []


def test_one_utterance_without_phones_makes_the_whole_take_unaligned() -> None:
    bare = Utterance("u", "s", tone(1.0).samples)
    (joined,) = join(tone(1.0), bare)
    assert joined.phones == ()
    assert len(joined.words) == 1


def test_pauses_sound_like_the_room_of_the_recording_or_are_digital_silence() -> None:
    chance = np.random.default_rng(0)
    noise = chance.normal(0, 0.003, 48_000).astype(np.float32)
    noise[16_000:32_000] += chance.normal(0, 0.2, 16_000).astype(np.float32)
    room = Utterance("u", "s", noise)
    levels = [take.samples[:4000].std() for seed in range(60) for take in join(room, seed=seed)]
    silent = [level for level in levels if level == 0]
    assert 0 < len(silent) < 25
    assert all(0.0015 < level < 0.004 for level in levels if level > 0)


def test_the_same_chance_joins_alike() -> None:
    one, other = (join(tone(1.0), tone(1.0), seed=3)[0] for _ in range(2))
    np.testing.assert_array_equal(one.samples, other.samples)
    assert one.phones == other.phones


def performed(utterance: Utterance, controls: Controls = NEUTRAL) -> Take:
    return perform(utterance, StillChoreographer(), np.random.default_rng(0), controls)


def test_a_performance_has_a_frame_for_every_thirtieth_of_a_second() -> None:
    take = performed(tone(2.05))
    assert take.name == "u"
    assert take.mouth.shape == (61, len(MOUTH_CHANNELS))
    assert take.pose.shape == (61, POSE_DIM)
    assert take.phones.shape == (61,)
    assert take.words == tone(2.05).words


def test_the_phone_track_names_every_frame() -> None:
    phones = (Span("SIL", 0, 0.1), Span("T", 0.1, 0.11), Span("IY", 0.11, 0.5), Span("ZH", 0.5, 9))
    utterance = Utterance("u", "s", np.zeros(12_800, np.float32), phones=phones)
    labels = [PHONES[index] for index in performed(utterance).phones]
    # T is shorter than a frame and starts with IY: the later phone has the frame.
    assert labels == ["SIL"] * 3 + ["IY"] * 12 + ["ZH"] * 9
    alone = Utterance("u", "s", np.zeros(3200, np.float32), phones=phones[1:2])
    assert [PHONES[index] for index in performed(alone).phones] == ["SIL"] * 3 + ["T"] + ["SIL"] * 2


def test_phones_are_arpabet_with_silence_first() -> None:
    assert len(PHONES) == len(set(PHONES)) == 40
    assert PHONES[0] == "SIL"
    assert [arpabet(phone) for phone in PHONES] == list(PHONES)


def test_aligned_speech_teaches_the_mouth() -> None:
    take = performed(tone(2.0, word_s=0.5))
    assert (take.mouth_weight == 1).all()
    assert take.mouth[25, JAW] > take.mouth[5, JAW] + 0.1


def test_unaligned_speech_teaches_no_mouth_and_no_phones() -> None:
    take = performed(Utterance("u", "s", tone(1.0).samples))
    assert not take.mouth_weight.any()
    assert (take.phones == -1).all()


@pytest.mark.parametrize(
    "controls", [NEUTRAL, Controls(0.3), Controls(1.0, state="listening"), Controls(state="idle")]
)
def test_a_take_says_what_its_performer_was_told(controls: Controls) -> None:
    take = performed(tone(1.0), controls)
    assert take.controls.dtype == np.float32
    np.testing.assert_array_equal(take.controls, controls.vector()[:3])


def test_a_listener_teaches_phones_but_no_mouth() -> None:
    utterance = tone(2.0)
    take, spoken = performed(utterance, Controls(state="listening")), performed(utterance)
    assert not take.mouth_weight.any()
    assert not take.mouth.any()
    np.testing.assert_array_equal(take.phones, spoken.phones)
    assert take.speaker == "s"


def test_who_waits_is_in_the_room_of_the_recording_and_silent() -> None:
    noise = np.random.default_rng(0).normal(0, 0.003, 48_000).astype(np.float32)
    rooms = [
        wait_in_silence(Utterance("u", "s", noise, "hm"), np.random.default_rng(seed)).samples
        for seed in range(8)
    ]
    assert all(len(room) == 40 * 16_000 for room in rooms)
    assert all(room.std() < 0.004 for room in rooms)
    assert any(room.std() > 0.001 for room in rooms)
    waiting = wait_in_silence(tone(1.0), np.random.default_rng(0))
    assert (waiting.name, waiting.words, waiting.text) == ("u", (), "")
    take = performed(waiting, Controls(state="idle"))
    assert (take.phones == 0).all()
    assert (take.mouth_weight == 1).all()
    assert not take.mouth[:, JAW].any()


@given(st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=50))
@settings(max_examples=20)
def test_samples_survive_as_16_bits(values: list[float]) -> None:
    samples = np.zeros(6400, np.float32)
    samples[: len(values)] = values
    take = performed(Utterance("u", "s", samples))
    assert take.samples.dtype == np.int16
    again = take.samples.astype(np.float32) / 32768
    assert np.abs(again - samples.clip(-1, 1)).max() <= 2 / 32768


def captured(frames: int) -> FaceCapture:
    blendshapes = np.zeros((frames, NUM_BLENDSHAPES), np.float32)
    blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]] = np.linspace(0, 1, frames)
    observed = np.zeros(NUM_BLENDSHAPES, np.bool_)
    observed[BLENDSHAPE_INDEX["jawOpen"]] = observed[BLENDSHAPE_INDEX["browInnerUp"]] = True
    samples: FloatArray = tone(1.0).samples
    return FaceCapture("face", samples, blendshapes, observed)


@pytest.mark.parametrize("frames", [30, 28, 33])
def test_a_capture_teaches_the_channels_that_were_observed(frames: int) -> None:
    capture = captured(frames)
    take = perform_capture(capture, StillChoreographer(), np.random.default_rng(0))
    assert len(take.pose) == len(take.mouth) == len(take.phones) == 30
    both = min(frames, 30)
    jaw = capture.blendshapes[:both, BLENDSHAPE_INDEX["jawOpen"]]
    np.testing.assert_allclose(take.mouth[:both, JAW], jaw, atol=1e-3)
    assert np.flatnonzero(take.mouth_weight).tolist() == [JAW]
    assert (take.phones == -1).all()
    assert take.words == ()
