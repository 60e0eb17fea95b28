from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.graph import build_graph
from actors.session import MOST_IN_FLIGHT
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import Cleared, Control, Ended, Frame, Open, Text
from tests.actors.fake_networks import FakeNetworks
from tests.actors.live_character import STREAM, LiveCharacter, run_graph, sine
from umo_runtime.controls import Controls
from umo_runtime.errors import ControlError, ServiceError
from umo_runtime.tokenizer.text import LEAD_FRAMES
from umo_runtime.types import LOOK_AHEAD_S


def test_a_character_lives_without_audio_at_the_pace_of_time() -> None:
    npc = LiveCharacter()
    npc.live(2.0)
    assert abs(len(npc.frames) - 60) <= 2
    arrival = np.array([time for time, message in npc.got if isinstance(message, Frame)]) - 100
    due = np.arange(len(arrival)) / 30
    assert (np.abs(arrival - due) < 0.035).all()
    assert [frame.index for frame in npc.frames] == list(range(len(npc.frames)))
    assert {frame.segment for frame in npc.frames} == {0}
    assert {chunk.controls.state for chunk in npc.fed} == {"idle"}


def test_speech_that_was_made_ahead_is_ahead_in_frames() -> None:
    npc = LiveCharacter()
    npc.live(0.5)
    npc.session.audio(1, sine(3.0))
    npc.session.end(1)
    npc.pump()
    spoken = [frame for frame in npc.frames if frame.segment == 1]
    assert abs(len(spoken) - 92) <= 1  # the last lie behind its end and close the mouth
    times_s = np.array([frame.pts_s for frame in spoken])
    np.testing.assert_allclose(np.diff(times_s), 1 / 30)
    assert 0 <= times_s[0] < 1 / 30
    assert 3.0 < times_s[-1] < 3.1
    ended = [message for _, message in npc.got if isinstance(message, Ended)]
    assert ended == [Ended(STREAM, 1, 3.0)]


def test_it_lives_on_when_what_it_said_is_over_and_not_before() -> None:
    npc = LiveCharacter()
    npc.live(0.2)
    npc.session.audio(1, sine(2.0))
    npc.session.end(1)
    npc.live(1.5)
    before = len(npc.frames)
    assert npc.frames[-1].segment == 1
    npc.live(0.4)
    assert len(npc.frames) == before
    npc.live(1.2)
    assert 25 < len(npc.frames) - before < 40
    assert npc.frames[-1].segment == 0


def test_live_audio_comes_out_within_a_chunk_of_its_look_ahead() -> None:
    npc, speech = LiveCharacter(), sine(1.5)
    npc.live(0.3)
    for start in range(0, len(speech), 640):
        npc.session.audio(1, speech[start : start + 640])
        npc.live(0.02)
    began_s = 100.3
    for time_s, message in npc.got:
        if isinstance(message, Frame) and message.segment == 1:
            needed_s = began_s + message.pts_s + LOOK_AHEAD_S
            assert time_s - needed_s < 0.03
    assert len([frame for frame in npc.frames if frame.segment == 1]) >= 42


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 9000), min_size=1, max_size=8))
def test_frames_do_not_depend_on_how_audio_is_cut(sizes: list[int]) -> None:
    speech = sine(1.0)

    def perform(pieces: list[bytes]) -> list[bytes]:
        npc = LiveCharacter()
        for piece in pieces:
            npc.session.audio(1, piece)
        npc.session.end(1)
        npc.pump()
        return [frame.payload for frame in npc.frames if frame.segment == 1]

    places = [0, *(2 * np.cumsum(sizes)).tolist(), len(speech)]
    pieces = [speech[a:b] for a, b in pairwise(places) if b > a]
    assert perform(pieces) == perform([speech])


def test_a_session_shows_what_the_graph_shows() -> None:
    npc = LiveCharacter()
    npc.session.audio(1, sine(1.0))
    npc.live(1.5)
    offline = run_graph(build_graph(FakeNetworks()), npc.fed)
    shown = [frame_values(frame) for frame in npc.frames]
    assert len(shown) == len(offline)
    for (rotations, root, face), frame in zip(shown, offline, strict=True):
        np.testing.assert_array_equal(rotations, frame.rotations)
        np.testing.assert_array_equal(root, frame.root_position)
        np.testing.assert_array_equal(face, frame.blendshapes)


def test_a_burst_enters_the_graph_in_small_helpings() -> None:
    npc = LiveCharacter()
    npc.session.audio(1, sine(20.0))
    first = npc.session.advance(npc.now_s)
    assert sum(len(chunk.samples) for chunk in first) / 16_000 < MOST_IN_FLIGHT / 30 + 0.25


def test_a_segment_that_runs_dry_waits_as_in_a_pause_and_goes_on() -> None:
    npc = LiveCharacter()
    npc.session.audio(1, sine(0.5))
    npc.live(1.5)
    assert npc.session.stats().underruns == 1
    assert npc.frames[-1].segment == 0
    assert npc.fed[-1].controls.state == "speaking"
    npc.session.audio(1, sine(0.5))
    npc.live(0.6)
    spoken = [frame.pts_s for frame in npc.frames if frame.segment == 1]
    assert spoken == sorted(spoken)
    assert spoken[-1] > 0.9
    assert npc.session.stats().underruns == 1


def test_several_segments_follow_one_another() -> None:
    npc = LiveCharacter()
    for number in (1, 2, 5):
        npc.session.audio(number, sine(0.4))
        npc.session.end(number)
    npc.live(2.0)
    numbers = [frame.segment for frame in npc.frames if frame.segment]
    assert numbers == sorted(numbers)
    assert [m.segment for _, m in npc.got if isinstance(m, Ended)] == [1, 2, 5]


def test_an_interruption_leads_from_where_the_character_stood_without_a_pop() -> None:
    npc = LiveCharacter()
    npc.live(0.3)
    npc.session.audio(1, sine(5.0))
    npc.session.end(1)
    npc.live(1.0)
    said = [frame for frame in npc.frames if frame.segment == 1]
    npc.clear()
    cleared_s = npc.now_s
    npc.live(1.0)
    at = next(i for i, (_, m) in enumerate(npc.got) if isinstance(m, Cleared))
    assert npc.got[at][1] == Cleared(STREAM, 1)
    after = [(t, m) for t, m in npc.got[at:] if isinstance(m, Frame)]
    assert after[0][0] - cleared_s < 0.05
    assert {m.segment for _, m in after} == {0}
    stood = min(said, key=lambda frame: abs(frame.pts_s - 1.0))
    rotations = frame_values(after[0][1])[0]
    cosine = np.abs((rotations * frame_values(stood)[0]).sum(axis=-1)).clip(0, 1)
    assert np.degrees(2 * np.arccos(cosine)).max() < 10  # of random poses, half a turn apart
    indices = [frame.index for frame in npc.frames]
    assert indices == list(range(len(indices)))
    assert npc.networks.num_admitted == 3  # the stream that was cut is gone


def test_who_interrupts_twice_at_once_sees_no_pop_either() -> None:
    npc = LiveCharacter()
    npc.session.audio(1, sine(2.0))
    npc.live(1.0)
    npc.clear()
    npc.pump()
    stood = frame_values(npc.frames[-1])[0]
    npc.session.clear(npc.now_s)
    assert npc.session.clear(npc.now_s) == (Cleared(STREAM, 0), None)
    npc.live(0.05)
    led = next(message for _, message in reversed(npc.got) if isinstance(message, Frame))
    cosine = np.abs((frame_values(led)[0] * stood).sum(axis=-1)).clip(0, 1)
    assert np.degrees(2 * np.arccos(cosine)).max() < 20  # of random poses, half a turn apart


def test_after_an_interruption_old_segments_are_over_and_new_ones_welcome() -> None:
    npc = LiveCharacter()
    npc.session.audio(3, sine(1.0))
    npc.live(0.2)
    npc.clear()
    with pytest.raises(ServiceError, match="segment 3 is over; the next is 4"):
        npc.session.audio(3, sine(0.1))
    npc.session.audio(4, sine(0.5))
    npc.live(0.7)
    assert npc.frames[-3].segment in (0, 4)
    assert 4 in {frame.segment for frame in npc.frames}


def test_feedback_moves_where_an_interruption_falls() -> None:
    npc = LiveCharacter()
    npc.session.audio(1, sine(4.0))
    npc.session.end(1)
    npc.live(2.0)
    npc.session.playback(1, 0.5, npc.now_s)
    npc.clear()
    npc.live(0.05)
    said = [frame for frame in npc.frames if frame.segment == 1]
    led = npc.frames[npc.frames.index(said[-1]) + 1]

    def distance(frame: Frame) -> float:
        return float(np.abs(frame_values(frame)[0] - frame_values(led)[0]).max())

    nearest = min(said, key=distance)
    assert abs(nearest.pts_s - 0.5) < 0.1


def test_controls_hold_from_when_they_are_told_and_idle_is_its_own() -> None:
    npc = LiveCharacter()
    npc.session.control(Control(STREAM, emotion="joy", gaze_deg=[30, -5]))
    npc.live(0.1)
    npc.session.audio(1, sine(0.3))
    npc.live(0.1)
    told = [chunk.controls for chunk in npc.fed]
    assert told[0].state == "idle" and told[0].emotion == "joy"
    assert told[-1] == Controls(emotion="joy", gaze_rad=tuple(np.radians([30, -5]).tolist()))
    npc.session.control(Control(STREAM, gaze_deg=[], state="listening"))
    npc.session.end(1)
    npc.live(1.0)
    assert npc.fed[-1].controls == Controls(emotion="joy", state="listening")


def told(npc: LiveCharacter) -> dict[str, int]:
    """Frames in which the predictor is told each word."""
    tokens = build_graph(FakeNetworks()).tokenizer.process(npc.fed)
    return {bytes(item.text).decode(): item.frame for item in tokens if item.text}


def test_words_are_told_ahead_over_the_bounds_of_segments() -> None:
    npc = LiveCharacter()
    npc.live(0.5)
    begin = sum(len(chunk.samples) for chunk in npc.fed)
    npc.session.text(Text(STREAM, 1, ["first", "later"], [0.1, 0.7]))
    npc.session.text(Text(STREAM, 2, ["next"], [0.2]))
    npc.session.audio(1, sine(1.0))
    npc.session.end(1)
    npc.session.audio(2, sine(1.0))
    npc.live(0.3)
    later, following = ((begin + place) * 30 // 16_000 for place in (11_200, 19_200))
    frames = told(npc)
    assert begin * 30 // 16_000 - 2 <= frames.pop("first") <= begin * 30 // 16_000
    assert frames == {"later": later - LEAD_FRAMES, "next": following - LEAD_FRAMES}


def test_words_of_a_segment_whose_beginning_is_not_known_wait_for_it() -> None:
    npc = LiveCharacter()
    npc.session.audio(1, sine(1.0))
    npc.session.text(Text(STREAM, 2, ["next"], [0.0]))
    npc.live(0.5)
    assert told(npc) == {}
    npc.session.end(1)
    npc.session.audio(2, sine(0.5))
    npc.live(0.1)
    begin = next(frame.index for frame in npc.frames if frame.segment == 2)
    assert begin - 3 <= told(npc)["next"] <= begin


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (Control(STREAM, calmness=2.0), ControlError),
        (Control(STREAM, emotion="rage"), ControlError),
        (Control(STREAM, gaze_deg=[1.0]), ServiceError),
    ],
)
def test_impossible_directions_are_refused_and_change_nothing(
    told: Control, error: type[Exception]
) -> None:
    npc = LiveCharacter()
    with pytest.raises(error):
        npc.session.control(told)
    npc.live(0.1)
    assert npc.fed[-1].controls == Controls(state="idle")


@pytest.mark.parametrize("rate_hz", [0, 7_999, 192_001])
def test_impossible_rates_are_refused(rate_hz: int) -> None:
    with pytest.raises(ServiceError, match="give 8000 to 192000"):
        LiveCharacter(Open(STREAM, rate_hz=rate_hz))


def test_words_need_a_time_each() -> None:
    with pytest.raises(ServiceError, match="give one to each"):
        LiveCharacter().session.text(Text(STREAM, 1, ["a", "b"], [0.0]))


def test_characters_move_differently_unless_told_otherwise() -> None:
    one, two, same = (LiveCharacter(o).session for o in (Open("a"), Open("b"), Open("c", seed=7)))
    assert one.seed != two.seed
    assert same.seed == 7


def test_skipped_frames_are_counted_and_seen() -> None:
    npc = LiveCharacter()
    frames = []
    while chunks := npc.session.advance(npc.now_s):
        for frame in run_graph(npc.graph, chunks):
            npc.session.show(frame, npc.now_s)
        frames += npc.session.send(npc.now_s, every=2)
        npc.now_s += 0.2
        if npc.now_s > 103:
            break
    indices = [frame.index for frame in frames if isinstance(frame, Frame)]
    assert indices == list(range(0, 2 * len(indices), 2))
    stats = npc.session.stats()
    assert stats.frames == len(indices)
    assert abs(stats.skipped - stats.frames) <= 1


def test_a_character_that_never_lived_has_nothing_to_end() -> None:
    assert LiveCharacter().session.close(100.0) is None


def test_a_closed_character_leaves_nothing_in_the_graph() -> None:
    npc = LiveCharacter()
    npc.session.audio(1, sine(1.0))
    npc.live(0.3)
    ending = npc.session.close(npc.now_s)
    assert ending is not None
    run_graph(npc.graph, [ending])
    assert npc.networks.num_admitted == 0


def test_a_paced_stream_gets_a_burst_when_it_is_due() -> None:
    npc = LiveCharacter(Open(STREAM, paced=True))
    npc.live(0.3)
    npc.session.audio(1, sine(1.0))
    npc.session.end(1)
    npc.live(0.5)
    assert abs(len([f for f in npc.frames if f.segment == 1]) - 15) <= 2
    assert not [message for _, message in npc.got if isinstance(message, Ended)]
    npc.live(1.0)
    arrival = np.array([t for t, m in npc.got if isinstance(m, Frame) and m.segment == 1])
    assert len(arrival) >= 31
    assert np.abs(np.diff(arrival) - 1 / 30).max() < 0.02
    assert [message for _, message in npc.got if isinstance(message, Ended)]


def test_an_interruption_of_a_paced_stream_falls_where_it_stands() -> None:
    npc = LiveCharacter(Open(STREAM, paced=True))
    npc.session.audio(1, sine(3.0))
    npc.live(1.0)
    shown = npc.frames[-1]
    npc.clear()
    npc.live(0.1)
    led = npc.frames[npc.frames.index(shown) + 1]
    apart = np.abs((frame_values(led)[0] * frame_values(shown)[0]).sum(axis=-1)).clip(0, 1)
    assert np.degrees(2 * np.arccos(apart)).max() < 10
    assert led.segment == 0
