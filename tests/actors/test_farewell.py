from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.farewell import Farewell, RestPose, ease_to_rest, rest_pose
from actors.frame_rate import FrameRate
from tests.actors.fake_networks import FakeNetworks
from tests.actors.test_audio_capture import JumpingClock
from tests.actors.test_embedded import ListSink
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.skeleton import NUM_BONES
from umo_runtime.types import FloatArray, MotionFrame


def unit(random: np.random.Generator) -> FloatArray:
    rotations = random.standard_normal((NUM_BONES, 4))
    return (rotations / np.linalg.norm(rotations, axis=-1, keepdims=True)).astype(np.float32)


def rest_and_last(seed: int) -> tuple[RestPose, MotionFrame]:
    random = np.random.default_rng(seed)
    last = MotionFrame(
        "a",
        90,
        3.0,
        unit(random),
        random.random(3, np.float32),
        random.random(NUM_BLENDSHAPES, np.float32),
        captured_s=1.0,
    )
    return RestPose(unit(random), random.random(3, np.float32)), last


def angles(start: FloatArray, end: FloatArray) -> FloatArray:
    """Between rotations [55, 4], in rad."""
    near = np.where((start * end).sum(-1, keepdims=True) < 0, -end, end).astype(np.float64)
    chord, bisector = (np.linalg.norm(start + sign * near, axis=-1) for sign in (-1, 1))
    return np.asarray(2 * np.arctan2(chord, bisector), np.float32)


@given(seed=st.integers(0, 1000), fps=st.sampled_from((30, 60)), duration_s=st.floats(0.0, 1.0))
def test_every_step_leads_nearer_none_is_larger_than_the_first_and_the_last_is_rest(
    seed: int, fps: FrameRate, duration_s: float
) -> None:
    rest, last = rest_and_last(seed)
    frames = [last, *ease_to_rest(last, rest, duration_s, fps)]
    assert len(frames) == 1 + max(1, round(duration_s * fps))
    turned = np.array([angles(frame.rotations, rest.rotations) for frame in frames])
    moved = np.array([np.abs(frame.root_position - rest.root_position) for frame in frames])
    faces = np.array([frame.blendshapes for frame in frames])
    for curve in (turned, moved, faces):
        steps = -np.diff(curve, axis=0)
        assert (steps >= -1e-4).all()
        assert (steps <= steps[0] + 1e-4).all()
    end = frames[-1]
    assert angles(end.rotations, rest.rotations).max() < 1e-3
    assert np.array_equal(end.root_position, rest.root_position)
    assert not end.blendshapes.any()


def test_time_goes_on_and_the_last_frame_says_so() -> None:
    rest, last = rest_and_last(0)
    frames = list(ease_to_rest(last, rest, 0.5, 30))
    assert [frame.index for frame in frames] == list(range(91, 106))
    assert np.allclose([frame.time_s for frame in frames], 3.0 + np.arange(1, 16) / 30)
    assert [frame.is_last for frame in frames] == [False] * 14 + [True]
    assert np.allclose(np.linalg.norm(frames[7].rotations, axis=-1), 1, atol=1e-6)


def test_a_character_at_rest_stays_there() -> None:
    rest, last = rest_and_last(0)
    last = replace(last, rotations=rest.rotations, root_position=rest.root_position)
    for frame in ease_to_rest(last, rest, 0.5, 30):
        assert angles(frame.rotations, rest.rotations).max() < 1e-3


def test_closing_sends_the_way_to_rest_at_pace_then_closes() -> None:
    rest, last = rest_and_last(0)
    clock, sinks = JumpingClock(10.0), [ListSink(), ListSink()]
    farewell = Farewell(sinks, rest, 30, clock)
    farewell.write(replace(last, is_last=True))
    farewell.close()
    for sink in sinks:
        assert len(sink.frames) == 16
        assert [frame.is_last for frame in sink.frames] == [False] * 15 + [True]
        assert sink.ended == ["close"]
    assert np.allclose(clock.deadlines, 10.0 + np.arange(1, 16) / 30)


def test_without_a_frame_there_is_no_farewell_and_abort_sends_none() -> None:
    rest, last = rest_and_last(0)
    sink = ListSink()
    Farewell([sink], rest, 30, JumpingClock()).close()
    assert (sink.frames, sink.ended) == ([], ["close"])
    sink = ListSink()
    farewell = Farewell([sink], rest, 30, JumpingClock())
    farewell.write(last)
    farewell.abort()
    assert (len(sink.frames), sink.ended) == (1, ["abort"])


def test_networks_tell_their_rest_and_keep_no_slot() -> None:
    networks = FakeNetworks()
    first, second = rest_pose(networks), rest_pose(networks)
    assert networks.num_admitted == 0
    assert first.rotations.shape == (NUM_BONES, 4)
    assert np.array_equal(first.rotations, second.rotations)


@pytest.mark.parametrize("fps", [30, 60])
def test_half_a_second_takes_half_a_second(fps: FrameRate) -> None:
    rest, last = rest_and_last(0)
    assert len(list(ease_to_rest(last, rest, 0.5, fps))) == fps // 2
