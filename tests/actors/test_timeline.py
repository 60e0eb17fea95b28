import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actors.timeline import Timeline
from umo_runtime.audio.framing import SpeechFramer

RUNS = st.lists(st.tuples(st.integers(1, 3000), st.integers(0, 2)), min_size=1, max_size=12)


@given(RUNS)
def test_frames_in_flight_are_those_that_the_graph_can_make(runs: list[tuple[int, int]]) -> None:
    timeline, framer, made = Timeline(), SpeechFramer(), 0
    for count, segment in runs:
        timeline.feed(count, segment, 0)
        made += len(framer.push(np.zeros(count, np.float32)).windows)
        assert timeline.in_flight == max(0, made - 1)  # the warm-up yields no frame


def test_a_frame_knows_its_segment_and_its_time_in_it() -> None:
    timeline = Timeline()
    timeline.feed(8000, 0, 0)  # half a second of nothing
    timeline.feed(1600, 7, 0)
    timeline.feed(6400, 7, 1600)
    timeline.feed(1600, 0, 0)  # ran dry
    timeline.feed(8000, 7, 8000)
    shown = [timeline.show(index) for index in range(40)]
    assert [segment for segment, _ in shown[:15]] == [0] * 15
    assert shown[14][1] == 14 / 30
    assert shown[15] == (7, 0.0)
    assert [segment for segment, _ in shown[15:30]] == [7] * 15
    assert [segment for segment, _ in shown[30:33]] == [0] * 3
    assert shown[33] == (7, 0.5)  # where it stopped, whatever came between
    assert timeline.num_samples_shown == 40 * 16000 / 30


def test_frames_shown_are_no_longer_in_flight() -> None:
    timeline = Timeline()
    timeline.feed(16000, 1, 0)
    before = timeline.in_flight
    timeline.show(0)
    timeline.show(1)
    assert timeline.in_flight == before - 2
