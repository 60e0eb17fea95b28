from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.spoken import SpeechAccount, Spoken
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
    Stand,
    Text,
)

RATE_HZ = 16_000
NOW_S = 50.0


def frames(count: int, segment: int = 1, first: int = 0, shown: int = 0) -> list[Frame]:
    """Of a server that was told that so many were shown elsewhere."""
    return [
        Frame("npc", n, segment, (n - first + shown) / 30, b"pose %d" % n)
        for n in range(first, first + count)
    ]


def audio_of(messages: list[object], segment: int = 1) -> bytes:
    parts = [m for m in messages if isinstance(m, Audio) and m.segment == segment]
    return b"".join(part.payload for part in parts)


def shown_of(messages: list[object]) -> int:
    return sum(m.shown for m in messages if isinstance(m, Stand))


def hear(spoken: Spoken, messages: list[Frame], now_s: float = NOW_S) -> list[Frame]:
    heard = [spoken.heard(message, now_s) for message in messages]
    return [message for message in heard if message is not None]


def said(*messages: object) -> Spoken:
    spoken = Spoken(Open("npc"))
    for message in messages:
        spoken.said(message, NOW_S)
    return spoken


@given(
    st.lists(st.integers(1, 4000), min_size=1, max_size=8),
    st.lists(st.integers(0, 12), max_size=4),
    st.booleans(),
    st.booleans(),
)
def test_what_was_heard_and_what_is_said_again_is_all(
    sizes: list[int], losses: list[int], is_ended: bool, knows_stand: bool
) -> None:
    whole = np.arange(sum(sizes), dtype="<i2").tobytes()
    spoken, start, heard, shown = said(), 0, [], 0
    for size in sizes:
        spoken.said(Audio("npc", 1, whole[2 * start : 2 * (start + size)]), NOW_S)
        start += size
    if is_ended:
        spoken.said(End("npc", 1), NOW_S)
    for count in losses:
        made = shown if knows_stand else 0  # an old server makes all again
        heard += hear(spoken, frames(count + shown - made, shown=made))
        assert [frame.index for frame in heard] == list(range(len(heard)))
        times = [frame.pts_s for frame in heard]
        np.testing.assert_allclose(times, np.arange(len(heard)) / 30, atol=2e-4)
        again = list(spoken.again(NOW_S))
        shown = shown_of(again)
        assert again[0] == Open("npc")
        assert [m for m in again if isinstance(m, Stand)] == (
            [Stand("npc", shown, again[1].ahead_s, heard[-1].payload)] if heard else []
        )
        place = 2 * round((len(heard) - shown) / 30 * RATE_HZ)
        assert abs(len(audio_of(again)) - len(whole[place:])) <= 8
        assert whole.endswith(audio_of(again))
        assert (again[-1] == End("npc", 1)) == is_ended
        is_over = len(heard) - 4 >= len(whole) / 2 / RATE_HZ * 30
        assert shown == (0 if is_over else min(4, len(heard)))
    check(spoken.account)


def check(account: SpeechAccount) -> None:
    parts = account.shown_s + account.cut_s + account.waiting_s
    assert account.said_s == pytest.approx(parts)
    assert min(account.shown_s, account.cut_s, account.waiting_s) >= 0


def test_segments_that_are_over_or_cut_are_not_said_again() -> None:
    spoken = said(*(Audio("npc", segment, b"abcd") for segment in (1, 2, 3)))
    spoken.heard(Ended("npc", 1, 0.1), NOW_S)
    assert {m.segment for m in spoken.again(NOW_S) if isinstance(m, Audio)} == {2, 3}
    spoken.heard(Cleared("npc", 2), NOW_S)
    assert {m.segment for m in spoken.again(NOW_S) if isinstance(m, Audio)} == {3}
    spoken.said(Clear("npc"), NOW_S)
    assert list(spoken.again(NOW_S)) == [Open("npc")]


SECOND = bytes(2 * RATE_HZ)
STEPS = st.sampled_from(["say", "hear", "end", "ended", "clear", "cleared", "again"])


@given(st.lists(STEPS, max_size=30))
def test_every_sample_is_accounted_for(steps: list[str]) -> None:
    spoken, number, count, is_open = said(), 0, 0, False
    for step in steps:
        if step == "say":
            number, is_open = number + (not is_open), True
            spoken.said(Audio("npc", number, SECOND), NOW_S)
        elif step == "hear" and number:
            count += len(hear(spoken, frames(9, number)))
        elif step == "end" and is_open:
            is_open = False
            spoken.said(End("npc", number), NOW_S)
        elif step == "ended" and number and not is_open:
            spoken.heard(Ended("npc", number, 1.0), NOW_S)
        elif step == "clear":
            is_open = False
            spoken.said(Clear("npc"), NOW_S)
        elif step == "cleared":
            is_open = False
            spoken.heard(Cleared("npc", number), NOW_S)
        elif step == "again":
            before = spoken.account
            repeated = sum(len(m.payload) for m in spoken.again(NOW_S) if isinstance(m, Audio))
            after = spoken.account
            assert after.again_s == pytest.approx(before.again_s + repeated / 2 / RATE_HZ)
            assert repeated / 2 / RATE_HZ == pytest.approx(after.waiting_s, abs=4.1 / 30)
            assert replace(after, again_s=before.again_s) == before
        check(spoken.account)
    assert spoken.account.said_s == steps.count("say")


def test_directions_hold_and_words_are_told_again_with_their_sound() -> None:
    spoken = Spoken(Open("npc", RATE_HZ, "f32"))
    for message in (
        Control("npc", calmness=0.5),
        Control("npc", emotion="joy"),
        Text("npc", 1, ["a", "b"], [0.0, 0.5]),
        Text("npc", 1, ["c"]),
        Audio("npc", 1, bytes(4 * RATE_HZ)),
    ):
        spoken.said(message, NOW_S)
    _, control, *texts, audio = spoken.again(NOW_S)
    assert control == Control("npc", 0.5, "joy")
    assert texts == [Text("npc", 1, ["a", "b"], [0.0, 0.5]), Text("npc", 1, ["c"])]
    hear(spoken, frames(10))
    _, stand, _, text, audio = spoken.again(NOW_S)
    assert stand.shown == 4
    assert text == Text("npc", 1, ["b"], [pytest.approx(0.3)])
    assert len(audio.payload) == 4 * RATE_HZ * 8 // 10


def test_times_are_the_clients_own() -> None:
    spoken = said(Audio("npc", 1, SECOND))
    hear(spoken, frames(15))
    list(spoken.again(NOW_S))
    begins_s = 0.5 - 4 / 30
    assert spoken.told(Playback("npc", 1, 0.75)).position_s == pytest.approx(
        0.75 - begins_s, abs=1e-4
    )
    assert spoken.told(Playback("npc", 1, 0.25)).position_s == 0
    assert spoken.told(Playback("npc", 9, 0.25)).position_s == 0.25
    ended = spoken.heard(Ended("npc", 1, 1.0 - begins_s), NOW_S)
    assert ended.duration_s == pytest.approx(1.0, abs=1e-4)


@given(st.integers(0, 20), st.integers(1, 20), st.integers(0, 6))
def test_life_goes_on_without_a_gap(before: int, after: int, lead: int) -> None:
    spoken = said()
    hear(spoken, frames(before, 0))
    list(spoken.again(NOW_S))
    lived = hear(spoken, frames(after, 0, shown=lead))
    times = (before + np.arange(after)) / 30
    np.testing.assert_allclose([frame.pts_s for frame in lived], times, atol=1e-9)
    assert [frame.index for frame in lived] == list(range(before, before + after))
    hear(spoken, frames(1, 1))
    (again,) = hear(spoken, frames(1, 0))  # it begins anew behind speech, as ever
    assert again.pts_s == 0


@pytest.mark.parametrize(
    ("played", "ahead_s"),
    [
        (Playback("npc", 9, 0.0), 1.5),
        (Playback("npc", 1, 0.25), 1.75),
        (Playback("npc", 2, 0.25), 0.75),
        (Playback("npc", 2, 5.0), 0.0),
    ],
)
def test_what_is_not_shown_yet_is_told(played: Playback, ahead_s: float) -> None:
    spoken = said(Audio("npc", 1, SECOND), Audio("npc", 2, SECOND))
    hear(spoken, [*frames(30), *frames(30, 2)])  # two seconds at once
    hear(spoken, frames(1, 0))
    spoken.said(played, NOW_S + 0.5)
    _, stand, *_ = spoken.again(NOW_S + 0.5)
    assert stand.ahead_s == pytest.approx(ahead_s)
    spoken.heard(Cleared("npc", 2), NOW_S + 0.6)
    _, stand = spoken.again(NOW_S + 0.6)
    assert stand == Stand("npc", 0, 0.0, b"pose 0")
