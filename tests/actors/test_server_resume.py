"""A server whose graph is lost and replaced, and characters of servers that are lost."""

from actors.graph import build_graph
from engine_bridge.wire_messages import Audio, Clear, Close, Frame, Notice, Refusal, Stand
from tests.actors.fake_networks import FakeNetworks
from tests.actors.live_character import sine
from tests.actors.test_server import World


def lose_graph(world: World) -> int:
    """The graph is gone, with all that it was fed."""
    world.waiting.clear()
    world.networks = FakeNetworks()
    world.graph = build_graph(world.networks, seeds=world.server._seeds)
    return world.server.resume(world.now_s)


def test_all_characters_go_on_and_none_is_left_behind() -> None:
    world = World()
    world.join("a", "one", "two")
    world.join("b", "one")
    world.live(0.5)
    world.say("a", Audio("one", 1, sine(2.0)))
    world.say("b", Audio("one", 1, sine(2.0)))
    world.server.pump(world.now_s)
    world.say("b", Clear("one"))  # its stream ends in a graph that is no more
    assert lose_graph(world) > 0
    assert world.server.is_owed
    world.live(3.0)
    for client in ("a", "b"):
        for stream in ("one", "two"):
            frames = [f for f in world.of(client, Frame) if f.stream == stream]
            assert [frame.index for frame in frames] == list(range(len(frames)))
    spoken = [frame for frame in world.of("a", Frame) if frame.segment == 1]
    assert len(spoken) >= 59
    for client, stream in (("a", "one"), ("a", "two"), ("b", "one")):
        world.say(client, Close(stream))
    world.live(0.5)
    assert world.networks.num_admitted == 0
    assert not world.server._in_graph and not world.server.is_owed


def test_an_outage_is_no_overload() -> None:
    world = World()
    world.join("a", "npc")
    world.live(1.0)
    for _ in range(4):
        world.server.pump(world.now_s)
        world.now_s += 1.0  # nothing comes back
        lose_graph(world)
        world.run()
        world.live(1.2)
    assert not world.of("a", Notice)


def test_a_server_without_characters_has_nothing_to_resume() -> None:
    world = World()
    assert lose_graph(world) == 0
    world.join("a", "npc")
    assert lose_graph(world) == 0  # it has not begun
    world.live(0.5)
    assert world.of("a", Frame)


def test_a_character_of_another_server_goes_on_and_takes_no_more_room() -> None:
    one, world = World(), World()
    one.join("a", "npc")
    one.live(1.0)
    pose = one.of("a", Frame)[-1].payload
    world.join("a", "npc")
    world.server.pump(world.now_s)  # its first stream is in the graph
    for _ in range(9):
        world.say("a", Stand("npc", payload=pose))
    world.join("b", "npc")
    world.live(2.0)
    assert not world.of("a", Refusal)
    for client in ("a", "b"):
        frames = world.of(client, Frame)
        assert [frame.index for frame in frames] == list(range(len(frames)))
        assert len(frames) > 55
    assert world.networks.num_admitted == 3 * len(world.server._in_graph) == 6
    refused = world.say("a", Stand("npc", payload=pose[4:]))
    assert (refused.code, refused.stream) == ("payload", "npc")
    assert world.say("a", Stand("other", payload=pose)).code == "stream"
