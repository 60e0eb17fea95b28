import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge import open_sink, parse_output_url
from engine_bridge.vmc_port_plan import plan_ports
from tests.engine_bridge.bridge_frames import make_frame
from umo_runtime.clock import ManualClock
from umo_runtime.errors import OutputError


def test_ports_follow_one_another_on_either_side():
    ada, bob = plan_ports(["ada", "bob"], "vmc://pc:40001,[::1]:50001?fps=30", 20001)
    assert (ada.stream, bob.stream) == ("ada", "bob")
    assert ada.receivers == (("pc", 40001), ("::1", 50001))
    assert bob.receivers == (("pc", 40002), ("::1", 50002))
    assert (ada.source_port, bob.source_port) == (20001, 20002)
    assert bob.output == "vmc://pc:40002,[::1]:50002?fps=30&source_port=20002"


def test_the_default_plan_has_room_for_thousands():
    plan = plan_ports([str(number) for number in range(3000)])
    assert plan[0].output == "vmc://127.0.0.1:39539?source_port=29539"
    assert plan[-1].source_port < 32768


@pytest.mark.parametrize(
    ("streams", "output", "source_port", "message"),
    [
        (["a", "a"], "vmc://x:1", 9000, "stream 'a' comes twice"),
        ([""], "vmc://x:1", 9000, "stream '' is no name"),
        (["a\nb"], "vmc://x:1", 9000, r"stream 'a\nb' is no name"),
        (["a", "b"], "vmc://x:65535", 9000, "2 avatars need port 65536"),
        (["a", "b"], "vmc://x:1", 65535, "2 avatars need port 65536"),
        (["a", "b"], "vmc://x:1,x:2", 9000, "two avatars go to x:2"),
        (["a"], "vmc://x:1,x:1", 9000, "two avatars go to x:1"),
        (["a", "b"], "vmc://x:9001", 9000, "port 9001 is both a receiver's and a source"),
        (["a"], "osc://x:1", 9000, "a plan is for vmc://HOST:PORT"),
        (["a"], "vmc://x", 9000, "no port in 'vmc://x'"),
        (["a"], "vmc://x:1?source_port=3", 9000, "has a source_port"),
        (["a"], "vmc://x:1?legs=no", 9000, "unknown vmc option 'legs'"),
    ],
)
def test_clashes(streams, output, source_port, message):
    with pytest.raises(OutputError) as caught:
        plan_ports(streams, output, source_port)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.integers(1, 40), st.integers(1, 65535), st.integers(1, 65535))
def test_a_plan_is_refused_or_every_port_is_valid_and_single(count, port, source_port):
    try:
        plan = plan_ports([str(n) for n in range(count)], f"vmc://x:{port}", source_port)
    except OutputError:
        overlap = abs(port - source_port) < count
        assert overlap or max(port, source_port) + count - 1 > 65535
        return
    ports = [*(avatar.source_port for avatar in plan), *(p for a in plan for _, p in a.receivers)]
    assert len(set(ports)) == 2 * count
    assert 1 <= min(ports) <= max(ports) <= 65535
    for avatar in plan:
        parsed = parse_output_url(avatar.output)
        assert parsed.addresses == avatar.receivers
        assert parsed.options == {"source_port": str(avatar.source_port)}


def test_the_outputs_of_a_plan_send_from_and_to_its_ports():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as once:
            once.bind(("", 0))
            free = once.getsockname()[1]
        (avatar,) = plan_ports(["ada"], f"vmc://127.0.0.1:{receiver.getsockname()[1]}", free)
        sink = open_sink(avatar.output, ManualClock())
        sink.write(make_frame())
        assert receiver.recvfrom(65536)[1][1] == avatar.source_port
        sink.close()
