from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from actors.graph import build_graph
from actors.metrics import Metrics
from actors.server import TIMEOUT_S, Server
from actors.stream_outputs import StreamOutputs
from engine_bridge.wire import VERSION, decode, decode_from_server, encode
from engine_bridge.wire_messages import (
    SERVER_MESSAGES,
    AskStats,
    Audio,
    Block,
    Clear,
    Cleared,
    Close,
    Closed,
    Control,
    End,
    Ended,
    Frame,
    Hello,
    Notice,
    Open,
    Opened,
    Ping,
    Pong,
    Refusal,
    Stats,
    Welcome,
)
from tests.actors.fake_networks import FakeNetworks
from tests.actors.live_character import encode as encode_word
from tests.actors.live_character import run_graph, sine
from umo_runtime.types import AudioChunk


@dataclass
class World:
    """A server with a graph of tiny networks, clients by name and a clock that tests move."""

    max_streams: int = 4
    token: str = ""
    now_s: float = 10.0
    graph_delay_s: float = 0.0
    outputs: StreamOutputs | None = None
    waiting: list[AudioChunk] = field(default_factory=list)
    got: dict[str, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.networks = FakeNetworks()
        self.metrics = Metrics()
        self.networks.tokenizer.capacity = 2 * self.max_streams
        seeds: dict[str, int] = {}
        self.graph = build_graph(self.networks, seeds=seeds)
        self.server = Server(
            "test",
            self.max_streams,
            self.token,
            encode_word,
            lambda client, data: self.got.setdefault(str(client), []).append(
                decode(data, SERVER_MESSAGES)
            ),
            self.waiting.append,
            seeds,
            self.metrics,
            self.outputs,
        )

    def say(self, client: str, message: Any) -> Any:
        """Send and return the latest answer."""
        return self.say_bytes(client, encode(message))

    def say_bytes(self, client: str, data: bytes) -> Any:
        self.server.receive(client, data, self.now_s)
        return self.got[client][-1] if self.got.get(client) else None

    def live(self, seconds: float) -> None:
        for _ in range(round(seconds * 30)):
            self.server.tick(self.now_s)
            self.run()
            self.now_s += 1 / 30

    def run(self) -> None:
        self.server.pump(self.now_s)
        while self.waiting:
            chunks = self.waiting.copy()
            self.waiting.clear()
            frames = run_graph(self.graph, chunks)
            self.server.show(frames, self.now_s + self.graph_delay_s)
            self.server.pump(self.now_s)

    def join(self, client: str, *streams: str) -> None:
        assert isinstance(self.say(client, Hello(client)), Welcome)
        for stream in streams:
            assert self.say(client, Open(stream)) == Opened(stream)

    def of(self, client: str, kind: type[Any]) -> list[Any]:
        return [message for message in self.got.get(client, []) if isinstance(message, kind)]


def test_a_client_is_welcomed_and_its_character_lives() -> None:
    world = World()
    welcome = world.say("a", Hello("a"))
    assert len(welcome.bones) == 55
    assert len(welcome.blendshapes) == 52
    world.join("a", "npc")
    world.live(1.0)
    assert 28 <= len(world.of("a", Frame)) <= 32


def test_frames_of_a_moment_come_as_one_block_to_those_who_ask() -> None:
    ways: list[list[Any]] = []
    for blocks in (None, True):
        world = World()
        world.join("a")
        assert isinstance(world.say("a", Hello("a", blocks=blocks)), Welcome)
        for stream in ("one", "two", "three"):
            assert world.say("a", Open(stream)) == Opened(stream)
        world.say("a", Audio("two", 1, sine(0.5)))
        world.say("a", End("two", 1))
        world.live(1.0)
        ways.append(world.got["a"])
    single, messages = ways
    assert [one for each in messages for one in decode_from_server(encode(each))] == single
    assert not any(isinstance(message, Frame) for message in messages)
    blocks = [message for message in messages if isinstance(message, Block)]
    assert {"one", "two", "three"} in [set(block.streams) for block in blocks]
    assert len(blocks) <= sum(isinstance(message, Frame) for message in single) / 2


def test_blocks_are_for_the_client_that_asks_alone() -> None:
    world = World()
    world.join("a", "one")
    assert isinstance(world.say("b", Hello("b", blocks=True)), Welcome)
    world.say("b", Open("one"))
    world.live(0.5)
    assert world.of("a", Frame) and not world.of("a", Block)
    assert world.of("b", Block) and not world.of("b", Frame)


def test_characters_opened_together_draw_keyframes_in_two_turns_and_all_begin_to_speak() -> None:
    world = World()
    world.join("a", "one", "two", "three")
    for stream in ("one", "two", "three"):
        world.server.receive("a", encode(Audio(stream, 1, sine(1.0))), world.now_s)
    world.run()
    frames = world.of("a", Frame)
    leads = [
        [f for f in frames if f.stream == s and f.segment == 0] for s in ("one", "two", "three")
    ]
    assert sorted(len(lead) for lead in leads) in ([0, 0, 2], [0, 2, 2])
    spoken = [[f.pts_s for f in frames if f.stream == s and f.segment == 1] for s in ("one", "two")]
    assert all(pts[0] < 1 / 30 and pts[-1] > 0.9 for pts in spoken)


def test_hello_comes_first() -> None:
    answer = World().say("a", Open("npc"))
    assert (answer.code, answer.reason) == ("hello", "no hello came first; say hello")


@pytest.mark.parametrize(("told", "is_right"), [("secret", True), ("", False), ("Secret", False)])
def test_the_token_is_asked_for(told: str, is_right: bool) -> None:
    answer = World(token="secret").say("a", Hello("a", told))
    assert isinstance(answer, Welcome) == is_right
    if not is_right:
        assert answer.code == "token"
        assert "secret" not in answer.reason


def test_the_limit_is_kept_and_a_place_is_free_again() -> None:
    world = World(max_streams=2)
    world.join("a", "one")
    world.join("b", "one")
    refusal = world.say("b", Open("two"))
    assert (refusal.code, refusal.stream) == ("full", "two")
    world.live(0.3)
    assert world.say("a", Close("one")) == Closed("one")
    assert world.say("b", Open("two")) == Opened("two")
    world.live(0.5)
    assert world.networks.num_admitted == 3 * 2


def test_names_belong_to_their_client() -> None:
    world = World()
    world.join("a", "npc")
    world.join("b", "npc")
    assert world.say("a", Open("npc")).code == "exists"
    world.say("a", Audio("npc", 1, sine(0.5)))
    world.say("a", End("npc", 1))
    world.live(1.0)
    assert {frame.segment for frame in world.of("a", Frame)} == {0, 1}
    assert {frame.segment for frame in world.of("b", Frame)} == {0}
    assert world.of("a", Ended) and not world.of("b", Ended)


def test_what_one_does_leaves_the_other_as_it_is() -> None:
    def frames_of_b(is_disturbed: bool) -> list[bytes]:
        world = World()
        world.join("b", "npc")
        if is_disturbed:
            world.join("a", "npc", "more")
        world.say("b", Audio("npc", 1, sine(1.0)))
        for _ in range(20):
            world.live(0.1)
            if is_disturbed:
                world.say("a", Audio("npc", 1, b"odd"))
                world.say("a", Clear("npc"))
                world.say_bytes("a", b"garbage")
        return [frame.payload for frame in world.of("b", Frame)]

    assert frames_of_b(True) == frames_of_b(False)


def test_an_interruption_is_answered_and_old_frames_stay_away() -> None:
    world = World()
    world.join("a", "npc")
    world.say("a", Audio("npc", 1, sine(3.0)))
    world.live(0.5)
    assert world.say("a", Clear("npc")) == Cleared("npc", 1)
    world.live(0.5)
    after = world.got["a"][world.got["a"].index(Cleared("npc", 1)) :]
    assert {message.segment for message in after if isinstance(message, Frame)} == {0}
    assert world.networks.num_admitted == 3


def test_a_client_that_falls_silent_is_forgotten_and_one_that_pings_is_not() -> None:
    world = World()
    world.join("a", "npc")
    world.join("b", "npc")
    for _ in range(int(TIMEOUT_S) + 2):
        world.live(1.0)
        assert world.say("b", Ping(3)) == Pong(3)
    assert world.server.num_streams == 1
    assert world.networks.num_admitted == 3
    assert world.say("a", AskStats("npc")).code == "hello"


def test_a_client_that_leaves_takes_its_characters_along() -> None:
    world = World()
    world.join("a", "one", "two")
    world.live(0.2)
    world.server.forget("a", world.now_s)
    world.server.forget("nobody", world.now_s)
    world.live(0.2)
    assert world.networks.num_admitted == 0


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (Audio("who", 1, b""), "stream"),
        (Audio("npc", 1, b"odd"), "payload"),
        (End("npc", 4), "segment"),
        (Control("npc", calmness=7.0), "value"),
        (Open("other", rate_hz=3), "value"),
    ],
)
def test_what_cannot_be_obeyed_is_refused_in_one_line(message: Any, code: str) -> None:
    world = World()
    world.join("a", "npc")
    answer = world.say("a", message)
    assert isinstance(answer, Refusal)
    assert (answer.code, answer.stream) == (code, message.stream)
    assert "\n" not in answer.reason
    world.live(0.2)
    assert world.of("a", Frame)


def test_another_version_is_refused_by_its_number() -> None:
    data = bytearray(encode(Hello("a")))
    data[3] = VERSION + 1
    answer = World().say_bytes("a", bytes(data))
    assert (answer.code, answer.reason) == (
        "version",
        f"protocol version is {VERSION + 1}; this side speaks {VERSION}",
    )


def test_a_flood_of_interruptions_is_obeyed_and_takes_no_place_of_others() -> None:
    world = World(max_streams=2)
    world.join("a", "npc")
    world.join("b", "npc")
    world.live(0.1)
    for _ in range(50):
        assert isinstance(world.say("a", Clear("npc")), Cleared)
        world.server.pump(world.now_s)  # a new stream may begin, but the graph is slow
    assert isinstance(world.say("b", Clear("npc")), Cleared)
    world.server.pump(world.now_s)
    fed = [{c.stream for c in world.waiting if c.stream.startswith(who)} for who in ("1/", "2/")]
    assert fed == [{"1/npc#0", "1/npc#1"}, {"2/npc#0", "2/npc#1"}]
    before = len(world.of("a", Frame)), len(world.of("b", Frame))
    world.live(0.3)
    assert len(world.of("a", Frame)) > before[0] and len(world.of("b", Frame)) > before[1]
    assert world.networks.num_admitted == 3 * 2


def test_a_flood_of_short_lives_takes_no_place_of_others() -> None:
    world = World(max_streams=2)
    world.join("a")
    world.join("b", "npc")
    for number in range(50):
        assert world.say("a", Open(f"{number}")) == Opened(f"{number}")
        world.server.pump(world.now_s)
        assert world.say("a", Close(f"{number}")) == Closed(f"{number}")
    assert isinstance(world.say("b", Clear("npc")), Cleared)
    assert world.say("b", Open("more")) == Opened("more")
    world.live(0.3)
    assert {frame.stream for frame in world.of("b", Frame)} == {"npc", "more"}
    assert world.networks.num_admitted == 3 * 2


def test_overload_is_answered_with_fewer_frames_for_all_and_said() -> None:
    world = World(graph_delay_s=0.4)
    world.join("a", "npc")
    world.join("b", "npc")
    world.live(8.0)
    assert [notice.fps for notice in world.of("a", Notice)] == [15, 10]
    assert world.of("b", Notice) == world.of("a", Notice)
    stats = world.say("a", AskStats("npc"))
    assert isinstance(stats, Stats)
    assert stats.skipped > 100
    world.graph_delay_s = 0.0
    world.live(20.0)
    assert world.of("a", Notice)[-1] == Notice(30)


def test_speech_that_is_made_ahead_of_its_time_is_sent_whole_in_overload() -> None:
    world = World(graph_delay_s=0.21)
    world.join("a", "ahead")
    world.join("b", "living")
    world.live(4.0)
    assert world.server._overload.every > 1
    world.say("a", Audio("ahead", 1, sine(6.0)))
    world.live(5.0)
    spoken = [frame.index for frame in world.of("a", Frame) if frame.segment == 1]
    assert len(spoken) > 100
    assert np.diff(spoken)[-60:].tolist() == [1] * 60
    lived = [frame.index for frame in world.of("b", Frame)]
    assert np.diff(lived)[-30:].min() > 1


def test_more_characters_wait_longer_for_one_another() -> None:
    world = World(max_streams=64)
    world.join("a", "0")
    assert world.server.patience_s == 0
    world.join("b", *map(str, range(63)))
    assert 0.02 < world.server.patience_s <= 0.03
