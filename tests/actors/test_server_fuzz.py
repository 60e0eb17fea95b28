"""Whatever one client sends, the server lives, answers, and nobody else notices."""

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.hostile_messages import hostile_message
from engine_bridge.wire import MAX_MESSAGE_BYTES, decode, encode, frame_message
from engine_bridge.wire_messages import (
    CLIENT_MESSAGES,
    AskStats,
    Audio,
    Clear,
    Close,
    Closed,
    Control,
    End,
    Ended,
    Frame,
    Hello,
    Open,
    Opened,
    Ping,
    Playback,
    Pong,
    Refusal,
    Stand,
    Text,
)
from tests.actors.live_character import LiveCharacter, sine
from tests.actors.test_server import World
from tests.engine_bridge.bridge_frames import make_frame
from umo_runtime.errors import WireError

GOOD, BAD = "good", "bad"
POSE = frame_message(make_frame(0), 0, 0, 0.0).payload

names = st.sampled_from(["npc", "a", "b"])
segments = st.sampled_from([0, 1, 1, 2, 3, 9, 2, 2**32 - 1])
numbers = st.floats(allow_nan=False, allow_infinity=False)
payloads = st.one_of(
    st.binary(max_size=64),
    st.integers(0, 4000).map(bytes),
    st.just(b"\x00\x00\xc0\x7f" * 80),  # NaN as f32, loud as s16
)
controls = st.builds(
    Control,
    names,
    calmness=st.none() | numbers,
    emotion=st.sampled_from([None, "joy", "fear", "\x00" * 60_000]),
    intensity=st.none() | st.floats(0, 1),
    state=st.sampled_from([None, "speaking", "listening", "idle", "dead"]),
    gaze_deg=st.none() | st.lists(numbers, max_size=3),
)
valid_messages = st.one_of(
    st.builds(Hello, st.text(max_size=5)),
    st.builds(
        Open,
        names,
        rate_hz=st.sampled_from([0, 8000, 16_000, 44_100, 192_000, 192_001, 2**32 - 1]),
        format=st.sampled_from(["s16", "f32"]),
        seed=st.none() | st.integers(0, 2**32 - 1),
        paced=st.booleans(),
    ),
    st.builds(Audio, names, segments, payloads),
    st.builds(Stand, names, st.integers(0, 5), numbers | st.just(0.5), payloads | st.just(POSE)),
    st.builds(End, names, segments),
    st.builds(
        Text,
        names,
        segments,
        st.lists(st.text(max_size=100), max_size=3),
        st.lists(numbers, max_size=3),
    ),
    controls,
    st.builds(Clear, names),
    st.builds(Playback, names, segments, numbers),
    st.builds(Close, names),
    st.builds(Ping, st.integers(0, 2**32 - 1)),
    st.builds(AskStats, names),
).map(encode)
hostile_messages = st.integers(0, 2**32).map(lambda seed: hostile_message(Random(seed)))


@st.composite
def broken_messages(draw: st.DrawFn) -> bytes:
    """A valid message with a few bytes changed, cut off or put in."""
    data = bytearray(draw(valid_messages))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, min(len(data), 120)))
        data[place : place + draw(st.integers(0, 2))] = draw(st.binary(max_size=3))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


messages = st.one_of(valid_messages, valid_messages, broken_messages(), hostile_messages)


def attack(world: World, data: bytes) -> None:
    """Send; whatever is no message is refused as what it is, and every answer decodes."""
    before = len(world.got.get(BAD, []))
    world.say_bytes(BAD, data)
    answers = world.got.get(BAD, [])[before:]
    try:
        decode(data, CLIENT_MESSAGES)
    except WireError as error:
        assert [(type(answer), answer.code) for answer in answers] == [(Refusal, error.code)]
    for answer in answers:
        if isinstance(answer, Refusal):
            assert answer.reason.isprintable()
            assert 0 < len(answer.reason) <= 200


def good_frames(turns: list[list[bytes]]) -> list[bytes]:
    """What the well-behaved client gets while the other one has its turns."""
    world = World()
    world.join(GOOD, "npc")
    if turns:
        world.join(BAD, "a")
    world.say(GOOD, Audio("npc", 1, sine(0.3)))
    for number in range(4):
        for data in turns[number] if turns else []:
            attack(world, data)
        world.say(GOOD, Audio("npc", 1, sine(0.1)))
        world.live(0.1)
    world.say(GOOD, End("npc", 1))
    world.live(0.2)
    assert world.of(GOOD, Refusal) == []
    return [encode(message) for message in world.got[GOOD] if isinstance(message, Frame | Ended)]


UNDISTURBED = good_frames([])


def test_the_yardstick_is_a_living_character() -> None:
    assert len(UNDISTURBED) > 20
    assert len(set(UNDISTURBED)) == len(UNDISTURBED)


@example(turns=[[encode(Control("a", gaze_deg=[-1.7976931348623157e308] * 4096))]] * 4)
@example(turns=[[encode(Text("a", 1, ["x"], [1e308])), encode(Audio("a", 1, bytes(99)))]] * 4)
@given(turns=st.lists(st.lists(messages, max_size=25), min_size=4, max_size=4))
def test_messages_of_one_client_are_answered_and_change_nothing_for_another(
    turns: list[list[bytes]],
) -> None:
    assert good_frames(turns) == UNDISTURBED


@given(data=st.one_of(st.binary(max_size=200), broken_messages(), hostile_messages))
def test_strangers_are_answered_too(data: bytes) -> None:
    attack(World(token="secret"), data)


def test_many_random_messages_leave_the_server_as_good_as_new() -> None:
    world, random = World(), Random(0)
    world.join(GOOD, "npc")
    for number in range(5000):
        attack(world, hostile_message(random))
        if number % 50 == 0:
            world.live(0.04)
            world.got[BAD].clear()
            assert world.say(GOOD, Ping(number)) == Pong(number)
    assert world.of(GOOD, Refusal) == []
    world.server.forget(BAD, world.now_s)
    world.live(0.5)
    assert world.server.num_streams == 1
    assert world.networks.num_admitted == 3
    world.join(BAD, "a", "b", "c")


@pytest.mark.parametrize("lived_s", [0.0, 0.04])
def test_thousands_of_lives_leave_nothing_behind(lived_s: float) -> None:
    world = World()
    world.join(GOOD, "npc")
    world.join(BAD)
    for number in range(1000):
        for message in (Open("a"), Clear("a"), Clear("a"), Audio("a", 1, sine(0.01)), Close("a")):
            world.say(BAD, message)
        assert isinstance(world.got[BAD][-1], Closed)
        if number % 20 == 0:
            world.live(lived_s)
        world.run()
    assert world.of(BAD, Refusal) == []
    assert world.networks.num_admitted == 3
    assert isinstance(world.say(BAD, Open("a")), Opened)


def test_the_greatest_messages_are_taken_and_greater_ones_refused() -> None:
    world = World()
    world.join(BAD, "a")
    head = len(encode(Audio("a", 1)))
    attack(world, encode(Audio("a", 1, bytes(MAX_MESSAGE_BYTES - head - head % 2))))
    assert world.of(BAD, Refusal) == []
    attack(world, encode(Audio("a", 1)) + bytes(MAX_MESSAGE_BYTES))
    assert [refusal.code for refusal in world.of(BAD, Refusal)] == ["size"]


def test_what_waits_has_a_limit() -> None:
    world = World()
    world.join(BAD, "a")
    megabyte = Audio("a", 1, sine(30.0))
    answers = [world.say(BAD, megabyte) for _ in range(30)]
    assert [a.code for a in answers if isinstance(a, Refusal)] == ["busy"] * 9
    words = Text("a", 1, ["so"] * 1000, [3000.0] * 1000)
    answers = [world.say(BAD, words) for _ in range(6)]
    assert [a.code for a in answers[-2:]] == ["busy"] * 2
    world.say(BAD, Clear("a"))
    assert not isinstance(world.say(BAD, Audio("a", 2, sine(0.1))), Refusal)


def test_a_paced_stream_is_not_made_far_ahead() -> None:
    npc = LiveCharacter(Open("npc", paced=True))
    npc.session.audio(1, sine(20.0))
    npc.live(1.0)
    fed_s = sum(len(chunk.samples) for chunk in npc.fed) / 16_000
    assert 1.0 < fed_s < 2.5


def test_segments_cannot_go_back() -> None:
    world = World()
    world.join(BAD, "a")
    for number in (5, 2**32 - 1):
        world.say(BAD, Audio("a", number, sine(0.01)))
        world.say(BAD, End("a", number))
        assert world.say(BAD, Audio("a", number, b"")).code == "segment"
        assert world.say(BAD, Audio("a", number - 1, b"")).code == "segment"
        assert world.say(BAD, End("a", number)).code == "segment"
    world.live(0.5)
    assert [ended.segment for ended in world.of(BAD, Ended)] == [5, 2**32 - 1]
