import numpy as np

from actors.playhead import Playhead
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.skeleton import IDENTITY_ROTATIONS
from umo_runtime.types import MotionFrame


def frame(index: int) -> MotionFrame:
    zeros = np.zeros(NUM_BLENDSHAPES, np.float32)
    return MotionFrame("npc", index, index / 30, IDENTITY_ROTATIONS, zeros[:3], zeros, 0.0)


def burst(playhead: Playhead, segment: int, first: int, count: int, now_s: float) -> None:
    for index in range(count):
        playhead.sent(frame(first + index), segment, index / 30, now_s)


def index_shown(playhead: Playhead, now_s: float) -> int:
    shown = playhead.shown(now_s)
    assert shown is not None
    return shown[0].index


def test_nothing_is_shown_before_the_first_frame() -> None:
    assert Playhead().shown(3.0) is None


def test_idle_frames_are_shown_when_they_come() -> None:
    playhead = Playhead()
    for index in range(5):
        playhead.sent(frame(index), 0, 99.0, index / 30)
    assert index_shown(playhead, 10.0) == 4


def test_a_burst_plays_from_its_first_frame_on() -> None:
    playhead = Playhead()
    burst(playhead, 1, 0, 90, now_s=5.0)
    assert index_shown(playhead, 5.0) == 0
    assert index_shown(playhead, 6.01) == 30
    assert index_shown(playhead, 60.0) == 89


def test_a_segment_waits_for_the_one_before_it() -> None:
    playhead = Playhead()
    burst(playhead, 1, 0, 60, now_s=5.0)
    burst(playhead, 2, 60, 60, now_s=5.2)
    assert index_shown(playhead, 6.51) == 45
    shown = playhead.shown(8.0)
    assert shown is not None and shown[1] == 2
    assert abs(shown[0].index - 90) <= 1


def test_the_receiver_knows_better() -> None:
    playhead = Playhead()
    burst(playhead, 1, 0, 90, now_s=5.0)
    playhead.correct(1, 0.5, now_s=6.0)  # it began half a second late
    assert index_shown(playhead, 6.01) == 15
    playhead.correct(9, 1.0, now_s=6.0)  # a segment that nobody knows
    assert index_shown(playhead, 6.01) == 15


def test_what_was_shown_long_ago_is_forgotten() -> None:
    playhead = Playhead()
    for index in range(3000):
        playhead.sent(frame(index), 1 + index // 300, index % 300 / 30, index / 30)
    assert len(playhead._sent) < 60
    assert len(playhead._began_s) <= 2
