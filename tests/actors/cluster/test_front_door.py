import asyncio
import socket
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from actors.cluster.fleet import ShardState
from actors.cluster.front_door import FrontDoor, is_there
from engine_bridge.wire import decode, encode
from engine_bridge.wire_messages import SERVER_MESSAGES, Hello, Moved, Open, Ping, Refusal
from tests.engine_bridge.fake_service import Script, zmq_service
from umo_runtime.clock import ManualClock

SHARDS = [
    ShardState("s0", "a", ("tcp://h:1", "ws://h:2"), 0, 0, 2),
    ShardState("s1", "a", ("tcp://h:3", "ws://h:4"), 1, 0, 2),
]


class Visit:
    def __init__(self, token: str = "") -> None:
        self.clock = ManualClock(10.0)
        self.answers: list[Any] = []
        self.dead: set[str] = set()
        self.slow: set[str] = set()
        self.knocked: list[str] = []
        self.door = FrontDoor(
            token, lambda _, data: self.answers.append(data), self.clock, self._is_there
        )
        self.door.shards = SHARDS

    async def _is_there(self, urls: Sequence[str], patience_s: float) -> bool:
        self.knocked.append(urls[0])
        await asyncio.sleep(0)
        return urls[0] not in self.dead and (urls[0] not in self.slow or patience_s > 0.5)

    def say(self, message: Any, client: Any = b"zmq") -> Any:
        data = message if isinstance(message, bytes) else encode(message)
        asyncio.run(self.door.receive(client, data))
        return decode(self.answers[-1], SERVER_MESSAGES)


def test_clients_are_sent_to_the_emptiest_shard_by_their_transport() -> None:
    visit = Visit()
    assert visit.say(Hello("x")) == Moved("tcp://h:1")
    assert visit.say(Hello("x"), "websocket") == Moved("ws://h:2")  # first by name
    assert visit.say(Hello("x")) == Moved("tcp://h:3")
    assert visit.say(Hello("x")) == Moved("tcp://h:1")  # by what is really open
    visit.door.shards = [replace(shard, characters=2) for shard in SHARDS]
    assert visit.say(Hello("x")).code == "full"
    visit.door.shards = [SHARDS[0], replace(SHARDS[1], characters=0)]
    assert visit.say(Hello("x")) == Moved("tcp://h:3")
    visit.clock.advance(6.0)  # nobody has opened anything
    assert visit.say(Hello("x")) == Moved("tcp://h:1")


def test_all_else_is_refused() -> None:
    visit = Visit("secret")
    assert visit.say(Hello("x", "wrong")).code == "token"
    assert visit.say(Hello("x", "secret")) == Moved("tcp://h:1")
    for message in (Open("npc"), Ping()):
        assert visit.say(message).code == "hello"
    assert isinstance(visit.say(b"garbage"), Refusal)
    visit.door.shards = ()
    assert visit.say(Hello("x", "secret")).code == "full"


def test_nobody_is_sent_to_a_shard_that_has_just_died() -> None:
    visit = Visit()
    visit.dead.add("tcp://h:1")
    assert visit.say(Hello("x")) == Moved("tcp://h:3")
    assert visit.say(Hello("x"), "websocket") == Moved("ws://h:4")
    assert visit.knocked == ["tcp://h:1", "tcp://h:3"] * 2
    visit.dead.add("tcp://h:3")
    assert visit.say(Hello("x")).code == "full"
    visit.dead.clear()
    visit.slow |= {"tcp://h:1", "tcp://h:3"}  # a busy machine: nobody is refused for that
    assert visit.say(Hello("x")) == Moved("tcp://h:1")  # which was promised to nobody


def test_clients_of_a_shard_that_has_died_come_all_at_once_and_spread() -> None:
    visit = Visit()
    visit.door.shards = [replace(SHARDS[0], name=f"s{n}", urls=(f"tcp://h:{n}",)) for n in range(5)]
    visit.dead.add("tcp://h:0")

    async def come() -> None:
        await asyncio.gather(*(visit.door.receive(b"zmq", encode(Hello("x"))) for _ in range(8)))

    asyncio.run(come())
    urls = [decode(answer, SERVER_MESSAGES).url for answer in visit.answers]
    assert sorted(urls) == sorted([f"tcp://h:{n}" for n in (1, 2, 3, 4)] * 2)


def test_a_shard_that_has_only_one_transport_is_none_for_the_other() -> None:
    visit = Visit()
    visit.door.shards = [replace(SHARDS[0], urls=("tcp://h:1",))]
    assert visit.say(Hello("x"), "websocket").code == "full"


def test_who_answers_is_there() -> None:
    async def knock(port: int) -> bool:
        return await is_there(("ws://127.0.0.1:1", f"tcp://127.0.0.1:{port}"), 0.1)

    with zmq_service(Script()) as url:
        assert asyncio.run(is_there((url,), 5.0))
    with socket.create_server(("127.0.0.1", 0)) as dying:  # it accepts, but nobody is there
        port = dying.getsockname()[1]
        assert not asyncio.run(knock(port))
    assert not asyncio.run(knock(port))
