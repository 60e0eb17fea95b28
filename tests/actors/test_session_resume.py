"""A character whose graph is lost goes on in another."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.graph import build_graph
from actors.session import MOST_IN_FLIGHT, Session
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import Ended, Open, Text
from tests.actors.fake_networks import FakeNetworks
from tests.actors.live_character import STREAM, LiveCharacter, encode, run_graph, sine
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ, AudioChunk


def lose_graph(npc: LiveCharacter) -> list[AudioChunk]:
    """The graph is gone with what it was fed last; returns what a new one is fed."""
    npc.graph = build_graph(FakeNetworks())
    again = npc.session.resume()
    for frame in run_graph(npc.graph, again):
        npc.session.show(frame, npc.now_s)
    return again


def samples_of(chunks: list[AudioChunk]) -> np.ndarray:
    for one, other in pairwise(chunks):
        assert other.start_sample == one.start_sample + len(one.samples)
    return np.concatenate([chunk.samples for chunk in chunks])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.0, 1.2), max_size=3), st.booleans(), st.integers(0, 2))
def test_what_the_client_gets_has_no_seam(gaps: list[float], is_burst: bool, turn: int) -> None:
    def perform(losses: list[float]) -> LiveCharacter:
        npc = LiveCharacter()
        npc.session = Session(npc.opened, "1", encode, npc.now_s, turn)
        npc.live(0.4)
        speech = sine(1.5)
        if is_burst:
            npc.session.audio(1, speech)
            npc.session.end(1)
        for loss in [*losses, None]:
            for _ in range(round((0.5 if loss is None else loss) / 0.02)):
                npc.live(0.02)
            if loss is not None:
                npc.fed += npc.session.advance(npc.now_s)  # in the graph when that is lost
                lose_graph(npc)
        if not is_burst:
            npc.session.audio(1, speech)
            npc.session.end(1)
        npc.live(2.5)
        return npc

    npc = perform(gaps)
    assert [frame.index for frame in npc.frames] == list(range(len(npc.frames)))
    spoken = [frame for frame in npc.frames if frame.segment == 1]
    times_s = np.array([frame.pts_s for frame in spoken])
    np.testing.assert_allclose(np.diff(times_s), 1 / FRAME_RATE_HZ, atol=1e-9)
    assert 0 <= times_s[0] < 1 / FRAME_RATE_HZ and 1.5 < times_s[-1] < 1.6
    ended = [message for _, message in npc.got if isinstance(message, Ended)]
    assert ended == [Ended(STREAM, 1, 1.5)]


def test_what_is_fed_again_is_what_is_owed_and_a_little_before() -> None:
    npc = LiveCharacter()
    npc.live(0.5)
    npc.session.audio(1, sine(3.0))
    npc.fed += npc.session.advance(npc.now_s)
    owed, shown = npc.session.owed, len(npc.frames)
    assert owed >= MOST_IN_FLIGHT
    heard = samples_of(npc.fed)
    again = lose_graph(npc)
    assert {chunk.stream for chunk in again} == {npc.session.graph_stream} == {"1#1"}
    repeated = samples_of(again)
    np.testing.assert_array_equal(repeated, heard[-len(repeated) :])
    place = (len(heard) - len(repeated)) * FRAME_RATE_HZ / SAMPLE_RATE_HZ
    assert place == pytest.approx(shown - 4, abs=0.01)
    npc.pump()
    assert len(npc.frames) >= shown + owed


def test_a_pose_leads_into_the_new_stream() -> None:
    npc = LiveCharacter()
    npc.live(1.0)
    before = frame_values(npc.frames[-1])
    lose_graph(npc)
    npc.live(1.0)
    shown = [frame_values(frame) for frame in npc.frames[30:]]
    steps = [np.abs(after[1] - one[1]).max() for one, after in pairwise([before, *shown])]
    assert max(steps[:2]) < 0.12 * 2  # the fake's poses jump by up to 2


def test_frames_of_the_lost_stream_are_passed_over() -> None:
    npc = LiveCharacter()
    npc.live(0.5)
    late = run_graph(npc.graph, npc.session.advance(npc.now_s + 0.1))
    assert late
    lose_graph(npc)
    npc.pump()
    count = len(npc.frames)
    for frame in late:
        npc.session.show(frame, npc.now_s)
    assert not npc.session.send(npc.now_s)
    assert len(npc.frames) == count


def test_a_character_that_was_never_fed_has_nothing_to_repeat() -> None:
    session = Session(Open(STREAM), "1", encode, 5.0)
    assert session.resume() == []
    assert session.graph_stream == "1#0"


def test_words_and_controls_are_told_again_where_they_were() -> None:
    npc = LiveCharacter()
    npc.session.text(Text(STREAM, 1, ["yes", "no"], [0.0, 1.0]))
    npc.session.audio(1, sine(3.0))
    fed = npc.session.advance(npc.now_s)
    again = npc.session.resume()
    assert [chunk.words for chunk in again] == [chunk.words for chunk in fed]
    assert [chunk.controls for chunk in again] == [chunk.controls for chunk in fed]
    told = [word for chunk in again for word in chunk.words]
    assert told and told[0][1] == encode("yes")
    npc.fed = fed
    for frame in run_graph(npc.graph, again):
        npc.session.show(frame, npc.now_s)
    later = npc.session.resume()
    assert not any(place < 0 for chunk in later[1:] for place, _ in chunk.words)


def test_an_interruption_that_is_not_shown_yet_is_kept() -> None:
    npc = LiveCharacter()
    npc.session.audio(1, sine(9.0))
    npc.live(0.5)  # nine seconds are made, half a second is shown
    shown = npc.frames[15]
    npc.clear()
    del npc.got[:]
    npc.fed += npc.session.advance(npc.now_s)
    lose_graph(npc)
    npc.pump()
    after_clear = next(frame for frame in npc.frames if frame.segment == 0)
    distance = np.abs(frame_values(after_clear)[1] - frame_values(shown)[1]).max()
    assert distance < 0.1
