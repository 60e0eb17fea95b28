from dataclasses import replace

import pytest

from actors.midpoint_spacing import MidpointSpacing
from tests.actors.test_audio_capture import JumpingClock
from tests.actors.test_embedded import ListSink
from tests.actors.test_frame_rate import make_frame


def test_frames_of_one_sound_are_a_60th_apart_and_others_pass_at_once() -> None:
    clock, sink = JumpingClock(1.0), ListSink()
    spacing = MidpointSpacing(sink, clock)
    times_s = []
    for captured_s in (0.1, 0.2, 0.2, 0.3, 0.3):
        spacing.write(replace(make_frame(0), captured_s=captured_s))
        times_s.append(clock.now_s() - 1)
    assert times_s == pytest.approx([0, 0, 1 / 60, 1 / 60, 2 / 60])
    assert len(sink.frames) == 5


def test_it_ends_like_the_sink_behind_it() -> None:
    for end in ("close", "abort"):
        sink = ListSink()
        getattr(MidpointSpacing(sink, JumpingClock()), end)()
        assert sink.ended == [end]
