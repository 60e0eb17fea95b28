import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.spoken import Spoken
from engine_bridge.wire_messages import (
    Audio,
    Clear,
    Cleared,
    Control,
    End,
    Ended,
    Frame,
    Open,
    Playback,
    Text,
)

RATE_HZ = 16_000


def frames(count: int, segment: int = 1, first: int = 0) -> list[Frame]:
    return [Frame("npc", n, segment, (n - first) / 30) for n in range(first, first + count)]


def audio_of(messages: list[object], segment: int = 1) -> bytes:
    parts = [m for m in messages if isinstance(m, Audio) and m.segment == segment]
    return b"".join(part.payload for part in parts)


@given(
    st.lists(st.integers(1, 4000), min_size=1, max_size=8),
    st.lists(st.integers(0, 12), max_size=4),
    st.booleans(),
)
def test_what_was_heard_and_what_is_said_again_is_all(
    sizes: list[int], losses: list[int], is_ended: bool
) -> None:
    said = np.arange(sum(sizes), dtype="<i2").tobytes()
    spoken, start, shown = Spoken(Open("npc")), 0, 0
    for size in sizes:
        spoken.said(Audio("npc", 1, said[2 * start : 2 * (start + size)]))
        start += size
    if is_ended:
        spoken.said(End("npc", 1))
    for count in losses:
        for frame in frames(count):  # each server counts from 0
            heard = spoken.heard(frame)
            assert heard.index == shown
            assert heard.pts_s == pytest.approx(shown / 30, abs=2e-4)
            shown += 1
        again = list(spoken.again())
        assert again[0] == Open("npc")
        place = 2 * round(shown / 30 * RATE_HZ)
        assert abs(len(audio_of(again)) - len(said[place:])) <= 8
        assert said.endswith(audio_of(again))
        assert (again[-1] == End("npc", 1)) == is_ended


def test_segments_that_are_over_or_cut_are_not_said_again() -> None:
    spoken = Spoken(Open("npc"))
    for segment in (1, 2, 3):
        spoken.said(Audio("npc", segment, b"abcd"))
    spoken.heard(Ended("npc", 1, 0.1))
    assert {m.segment for m in spoken.again() if isinstance(m, Audio)} == {2, 3}
    spoken.heard(Cleared("npc", 2))
    assert {m.segment for m in spoken.again() if isinstance(m, Audio)} == {3}
    spoken.said(Clear("npc"))
    assert list(spoken.again()) == [Open("npc")]


def test_directions_hold_and_words_are_told_once() -> None:
    spoken = Spoken(Open("npc", RATE_HZ, "f32"))
    spoken.said(Control("npc", calmness=0.5))
    spoken.said(Control("npc", emotion="joy"))
    spoken.said(Text("npc", 1, ["a", "b"], [0.0, 0.5]))
    spoken.said(Text("npc", 1, ["c"]))
    spoken.said(Audio("npc", 1, bytes(4 * RATE_HZ)))
    _, control, *texts, audio = spoken.again()
    assert control == Control("npc", 0.5, "joy")
    assert texts == [Text("npc", 1, ["a", "b"], [0.0, 0.5]), Text("npc", 1, ["c"])]
    for frame in frames(6):
        spoken.heard(frame)
    _, _, text, audio = spoken.again()
    assert text == Text("npc", 1, ["b"], [pytest.approx(0.3)])
    assert len(audio.payload) == 4 * RATE_HZ * 8 // 10


def test_times_are_the_clients_own() -> None:
    spoken = Spoken(Open("npc"))
    spoken.said(Audio("npc", 1, bytes(2 * RATE_HZ)))
    for frame in frames(15):
        spoken.heard(frame)
    list(spoken.again())
    assert spoken.told(Playback("npc", 1, 0.75)).position_s == pytest.approx(0.25)
    assert spoken.told(Playback("npc", 1, 0.25)).position_s == 0
    assert spoken.told(Playback("npc", 9, 0.25)).position_s == 0.25
    assert spoken.heard(Ended("npc", 1, 0.5)).duration_s == pytest.approx(1.0)
