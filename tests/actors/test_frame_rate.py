from dataclasses import replace

import numpy as np
import pytest

from actors.frame_rate import OutputFrames, midpoint
from umo_runtime.skeleton import IDENTITY_ROTATIONS
from umo_runtime.types import MotionFrame


def make_frame(index: int, angle_rad: float = 0.0) -> MotionFrame:
    """A frame in which every bone is turned about x."""
    rotations = IDENTITY_ROTATIONS.copy()
    rotations[:, 0], rotations[:, 3] = np.sin(angle_rad / 2), np.cos(angle_rad / 2)
    return MotionFrame(
        stream="a",
        index=index,
        time_s=index / 30,
        rotations=rotations,
        root_position=np.full(3, index, np.float32),
        blendshapes=np.full(52, index / 10, np.float32),
        captured_s=index / 30 + 0.06,
    )


def test_60_fps_puts_a_midpoint_before_every_frame_but_the_first() -> None:
    output = OutputFrames(60)
    frames = [frame for index in range(4) for frame in output.add(make_frame(index))]
    assert [frame.index for frame in frames] == list(range(7))
    assert [frame.time_s for frame in frames] == pytest.approx([index / 60 for index in range(7)])
    assert np.array_equal(frames[2].rotations, make_frame(1).rotations)


def test_30_fps_passes_frames_on() -> None:
    frame = make_frame(3)
    assert OutputFrames(30).add(frame) == [frame]


@pytest.mark.parametrize("angle_rad", [0.0, 1e-4, 1.0, 3.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_midpoint_turns_half_the_angle_along_the_shorter_arc(
    angle_rad: float, sign: int
) -> None:
    end = make_frame(1, angle_rad)
    middle = midpoint(make_frame(0), replace(end, rotations=sign * end.rotations))
    assert np.abs(middle.rotations - make_frame(0, angle_rad / 2).rotations).max() < 1e-6
    assert middle.rotations.dtype == middle.root_position.dtype == np.float32


def test_the_midpoint_is_half_way_in_everything_and_as_young_as_its_end() -> None:
    middle = midpoint(make_frame(2), make_frame(3))
    assert middle.index == 5
    assert middle.root_position.tolist() == [2.5] * 3
    assert middle.blendshapes == pytest.approx(np.full(52, 0.25))
    assert middle.captured_s == make_frame(3).captured_s
    assert not middle.is_last
