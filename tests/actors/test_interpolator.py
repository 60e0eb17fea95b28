from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actors.frame_rate import FrameRate
from actors.interpolator import InterpolatorStage
from actors.stage import run_stage
from tests.actors.fake_networks import FakeInterpolator
from tests.actors.speech import bytes_of
from umo_runtime.controls import Controls
from umo_runtime.types import FloatArray, Keyframe, MotionFrame, SpeechTokens


class Watching(FakeInterpolator):
    """Keeps which keyframes it was asked to go between, and where."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[float, ...]] = []

    def step(
        self,
        streams: Sequence[str],
        previous: FloatArray,
        following: FloatArray,
        phase: FloatArray,
        features: FloatArray,
        controls: FloatArray,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        for row in range(len(streams)):
            firsts = (part[row, 0] for part in (previous, following, features, controls))
            self.asked.append((phase[row], *firsts))
        return super().step(streams, previous, following, phase, features, controls)


def make_tokens(count: int) -> list[SpeechTokens]:
    """The warm-up and `count` frames; features of frame f hold f, its calmness is f / 16."""
    return [
        SpeechTokens(
            stream="a",
            frame=frame,
            codes=np.zeros(2, np.int64),
            features=np.full(3, frame, np.float32),
            text=(),
            captured_s=float(frame),
            is_last=frame == count - 1,
            controls=Controls(calmness=max(0, frame) / 16),
        )
        for frame in range(-1, count)
    ]


def make_keyframes(count: int) -> list[Keyframe]:
    """Keyframes for `count` frames; the pose of keyframe k holds 10 k."""
    return [
        Keyframe("a", index, np.full(5, 10 * index, np.float32), float(4 * index - 4))
        for index in range((count - 1) // 4 + 2)
    ]


def make_frames(count: int, fps: FrameRate = 30) -> list[MotionFrame]:
    items = [*make_keyframes(count), *make_tokens(count)]
    return run_stage(InterpolatorStage(FakeInterpolator(), fps), items)


def test_frames_lie_between_their_keyframes() -> None:
    network = Watching()
    run_stage(InterpolatorStage(network), [*make_keyframes(9), *make_tokens(9)])
    assert network.asked == [
        (frame % 4 / 4, 10 * (frame // 4), 10 * (frame // 4 + 1), frame, frame / 16)
        for frame in range(9)
    ]


def test_frames_carry_number_time_age_and_end() -> None:
    frames = make_frames(6)
    assert [frame.index for frame in frames] == list(range(6))
    assert [frame.time_s for frame in frames] == [index / 30 for index in range(6)]
    assert [frame.captured_s for frame in frames] == [0, 1, 2, 3, 4, 5]
    assert [frame.is_last for frame in frames] == [False] * 5 + [True]


@given(data=st.data(), count=st.integers(1, 14))
def test_frames_do_not_depend_on_how_tokens_and_keyframes_interleave(
    data: st.DataObject, count: int
) -> None:
    tokens, keyframes = make_tokens(count), make_keyframes(count)
    items: list[SpeechTokens | Keyframe] = []
    while tokens or keyframes:
        take_tokens = bool(tokens) and (not keyframes or data.draw(st.booleans()))
        items.append(tokens.pop(0) if take_tokens else keyframes.pop(0))
    network = FakeInterpolator()
    batch = data.draw(st.integers(1, 7))
    frames = run_stage(InterpolatorStage(network), items, batch)
    assert bytes_of(frames) == bytes_of(make_frames(count))
    assert not network.history


def test_a_stream_may_live_again_at_once() -> None:
    once = [*make_keyframes(6), *make_tokens(6)]
    stage = InterpolatorStage(FakeInterpolator())
    assert bytes_of(stage.process(once + once)) == bytes_of(make_frames(6)) * 2
    tokens_first = [*make_tokens(6), *make_tokens(6), *make_keyframes(6), *make_keyframes(6)]
    assert bytes_of(stage.process(tokens_first)) == bytes_of(make_frames(6)) * 2
    early_start = [*once, make_tokens(6)[0]]
    assert len(stage.process(early_start)) == 6
    rest = [*make_tokens(6)[1:], *make_keyframes(6)]
    assert bytes_of(stage.process(rest)) == bytes_of(make_frames(6))


def test_items_in_flight_when_a_stream_is_reset_are_ignored() -> None:
    stage = InterpolatorStage(FakeInterpolator(), 60)
    keyframes, tokens = make_keyframes(9), make_tokens(9)
    stage.process([*keyframes[:2], *tokens[:3]])
    stage.reset("a")
    stage.reset("never seen")
    new_life = make_tokens(9)
    again = run_stage(stage, [*tokens[3:], *new_life[:1], *keyframes[2:], *make_keyframes(9)])
    again += run_stage(stage, new_life[1:])
    assert bytes_of(again) == bytes_of(make_frames(9, 60))
