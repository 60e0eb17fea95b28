from hypothesis import given
from hypothesis import strategies as st

from actors.control_track import ControlTrack
from umo_runtime.controls import NEUTRAL, Controls

CALM, LIVELY = Controls(calmness=0.0), Controls(calmness=1.0)


def test_nothing_told_is_neutral() -> None:
    assert ControlTrack().at(7) == NEUTRAL


def test_the_first_controls_hold_for_the_warm_up_too() -> None:
    track = ControlTrack()
    track.tell(0, CALM)
    assert track.at(-1) == CALM


def test_of_two_told_at_one_sample_the_later_holds() -> None:
    track = ControlTrack()
    track.tell(0, CALM)
    track.tell(0, LIVELY)
    assert track.at(0) == LIVELY


@given(st.lists(st.integers(0, 16_000), max_size=6).map(sorted), st.data())
def test_a_frame_gets_what_was_told_last_before_its_time(
    places: list[int], data: st.DataObject
) -> None:
    told = [(place, Controls(calmness=n / 10)) for n, place in enumerate(places)]
    track, waiting = ControlTrack(), list(told)
    for frame in range(31):
        while waiting and (waiting[0][0] * 30 <= frame * 16_000 or data.draw(st.booleans())):
            track.tell(*waiting.pop(0))
        due = [controls for place, controls in told if place * 30 <= frame * 16_000]
        assert track.at(frame) == due[-1] if due else True
