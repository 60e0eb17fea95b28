from dataclasses import replace
from typing import Any

from actors.cluster.fleet import ShardState
from actors.cluster.front_door import FrontDoor
from engine_bridge.wire import decode, encode
from engine_bridge.wire_messages import SERVER_MESSAGES, Hello, Moved, Open, Ping, Refusal
from umo_runtime.clock import ManualClock

SHARDS = [
    ShardState("s0", "a", ("tcp://h:1", "ws://h:2"), 0, 0, 2),
    ShardState("s1", "a", ("tcp://h:3", "ws://h:4"), 1, 0, 2),
]


class Visit:
    def __init__(self, token: str = "") -> None:
        self.clock = ManualClock(10.0)
        self.answers: list[Any] = []
        self.door = FrontDoor(token, lambda _, data: self.answers.append(data), self.clock)
        self.door.shards = SHARDS

    def say(self, message: Any, client: Any = b"zmq") -> Any:
        data = message if isinstance(message, bytes) else encode(message)
        self.door.receive(client, data)
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
