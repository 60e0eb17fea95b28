"""A character whose server is lost goes on in another, by what its client says again."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.session import Session
from engine_bridge.spoken import Spoken
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import (
    Audio,
    Clear,
    Control,
    End,
    Ended,
    Frame,
    Open,
    Stand,
    Text,
)
from tests.actors.live_character import STREAM, LiveCharacter, encode, run_graph, sine
from tests.actors.test_session_resume import lose_graph
from umo_runtime.errors import ServiceError
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ

PIECE_S = 0.02


class Wanderer:
    """A client's character, and the server that has it now.

    Attributes:
        heard: by the client.
        server: a session and its graph.
    """

    def __init__(self, rate_hz: int = SAMPLE_RATE_HZ) -> None:
        self.opened = Open(STREAM, rate_hz)
        self.spoken, self.server = Spoken(self.opened), LiveCharacter(self.opened)
        self.heard: list[Any] = []

    def say(self, *messages: Any) -> None:
        for message in messages:
            self.spoken.said(message, self.server.now_s)
            obey(self.server, message)

    def live(self, seconds: float) -> None:
        self.server.live(seconds)
        self._listen()

    def lose(self, turn: int = 0, is_slow: bool = False) -> None:
        """The server is gone with all that it had; a slow client lets the next one work between."""
        now_s = self.server.now_s + 0.1
        self.server = LiveCharacter(self.opened, now_s)
        for message in self.spoken.again(now_s):
            if isinstance(message, Open):
                self.server.session = Session(message, "1", encode, now_s, turn)
                late = run_graph(self.server.graph, self.server.session.advance(now_s))
            else:
                obey(self.server, message)
                for frame in late:
                    self.server.session.show(frame, now_s)
                if is_slow:
                    self.server.pump()
        self._listen()

    def _listen(self) -> None:
        for at_s, message in self.server.got:
            heard = self.spoken.heard(message, at_s)
            assert heard is not None  # nothing comes twice
            self.heard.append(heard)
        self.server.got.clear()

    @property
    def frames(self) -> list[Frame]:
        return [message for message in self.heard if isinstance(message, Frame)]


def obey(server: LiveCharacter, message: Any) -> None:
    session, now_s = server.session, server.now_s
    match message:
        case Audio(_, number, payload):
            session.audio(number, payload)
        case End(_, number):
            session.end(number)
        case Text():
            session.text(message)
        case Control():
            session.control(message)
        case Stand():
            session.stand(message, now_s)
        case Clear():
            session.clear(now_s)


def speech(rate_hz: int, seconds: float) -> bytes:
    return sine(seconds * rate_hz / SAMPLE_RATE_HZ)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 60), max_size=3),
    st.booleans(),
    st.integers(0, 2),
    st.booleans(),
    st.sampled_from([16_000, 24_000, 44_100]),
)
def test_what_the_client_hears_has_no_seam(
    losses: list[int], is_burst: bool, turn: int, is_slow: bool, rate_hz: int
) -> None:
    npc, pieces, size = Wanderer(rate_hz), speech(rate_hz, 1.5), 2 * round(rate_hz * PIECE_S)
    npc.live(0.4)
    for number in range(75):
        for _ in range(losses.count(number)):
            npc.lose(turn, is_slow)
        if is_burst and number == 0:
            npc.say(Audio(STREAM, 1, pieces), End(STREAM, 1))
        elif not is_burst:
            npc.say(Audio(STREAM, 1, pieces[number * size : (number + 1) * size]))
        npc.live(PIECE_S)
    if not is_burst:
        npc.say(End(STREAM, 1))
    npc.live(2.0)
    assert [frame.index for frame in npc.frames] == list(range(len(npc.frames)))
    spoken = [frame for frame in npc.frames if frame.segment == 1]
    times_s = np.array([frame.pts_s for frame in spoken])
    np.testing.assert_allclose(np.diff(times_s), 1 / FRAME_RATE_HZ, atol=2e-4)
    assert 0 <= times_s[0] < 1 / FRAME_RATE_HZ and 1.5 < times_s[-1] < 1.6
    assert spoken[-1].index - spoken[0].index == len(spoken) - 1  # no life in between
    (ended,) = (message for message in npc.heard if isinstance(message, Ended))
    assert ended.duration_s == pytest.approx(1.5, abs=2e-3)
    account = npc.spoken.account
    assert account.said_s == account.shown_s == pytest.approx(1.5, abs=1e-4)


def test_the_pose_leads_into_the_new_motion_and_life_is_due_at_once() -> None:
    npc = Wanderer()
    npc.live(1.0)
    count = len(npc.frames)
    npc.lose(turn=2)
    npc.live(0.5)
    assert 15 <= len(npc.frames) - count <= 17  # as many as time has passed
    seam = [frame_values(frame) for frame in npc.frames[count - 1 : count + 3]]
    steps = [np.abs(after[1] - one[1]).max() for one, after in pairwise(seam)]
    assert max(steps) < 0.12 * 2  # the fake's poses jump by up to 2
    times = [frame.pts_s for frame in npc.frames]
    np.testing.assert_allclose(np.diff(times), 1 / FRAME_RATE_HZ, atol=1e-9)


def test_it_hears_what_was_heard_before_and_what_silence_is_missing() -> None:
    npc = Wanderer()
    npc.live(0.5)
    npc.say(Audio(STREAM, 1, sine(0.13)))
    npc.live(0.1)
    shown = sum(frame.segment == 1 for frame in npc.frames)
    assert 0 < shown < 4
    npc.lose(turn=2)
    npc.server.pump()
    first, *_ = npc.server.fed
    assert not first.samples.any()
    assert len(first.samples) == (6 - shown) * SAMPLE_RATE_HZ // FRAME_RATE_HZ
    told = np.concatenate([chunk.samples for chunk in npc.server.fed[1:]])
    assert np.abs(told).max() > 0.2 and len(told) > 0.12 * SAMPLE_RATE_HZ


def test_life_waits_until_what_was_made_ahead_is_shown() -> None:
    npc = Wanderer()
    npc.say(Audio(STREAM, 1, sine(2.0)), End(STREAM, 1))
    npc.live(0.5)  # all of it has come
    count = len(npc.frames)
    npc.lose()
    npc.live(1.2)
    assert len(npc.frames) == count
    npc.live(0.8)
    assert 14 <= len(npc.frames) - count <= 19
    assert {frame.segment for frame in npc.frames[count:]} == {0}


def test_an_audio_that_does_not_come_is_not_waited_for() -> None:
    npc = LiveCharacter()
    npc.session.stand(stand_of(shown=4), npc.now_s)
    npc.live(0.1)
    assert not npc.frames
    npc.live(0.9)
    assert len(npc.frames) > 20


def test_an_interruption_leads_from_where_it_stood() -> None:
    npc = Wanderer()
    npc.live(1.0)
    before = npc.frames[-1]
    npc.lose()
    npc.say(Clear(STREAM))
    npc.live(0.2)
    after = [frame_values(frame)[1] for frame in npc.frames[30:32]]
    assert np.abs(after - frame_values(before)[1]).max() < 0.12 * 2


def test_a_graph_that_is_lost_right_behind_changes_nothing() -> None:
    npc = Wanderer()
    npc.say(Audio(STREAM, 1, sine(2.0)))
    npc.server.session.advance(npc.server.now_s)
    npc.live(0.1)
    npc.lose()
    npc.server.fed += npc.server.session.advance(npc.server.now_s)  # fed, and lost
    lose_graph(npc.server)
    npc.live(1.0)
    assert [frame.index for frame in npc.frames] == list(range(len(npc.frames)))
    times_s = [frame.pts_s for frame in npc.frames if frame.segment == 1]
    np.testing.assert_allclose(np.diff(times_s), 1 / FRAME_RATE_HZ, atol=1e-4)


def stand_of(**other: Any) -> Stand:
    frame = LiveCharacter()
    frame.live(0.5)
    return replace(Stand(STREAM, payload=frame.frames[-1].payload), **other)


def test_one_that_speaks_already_stands_where_it_is() -> None:
    npc = LiveCharacter()
    npc.session.text(Text(STREAM, 1, ["yes"]))
    with pytest.raises(ServiceError, match="speaks here already") as refused:
        npc.session.stand(stand_of(), npc.now_s)
    assert refused.value.code == "exists"
    assert npc.session.graph_stream == "1#0"
