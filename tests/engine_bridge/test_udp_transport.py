import socket

import pytest

from engine_bridge import UdpTransport
from umo_runtime.errors import OutputError

DATAGRAMS = [memoryview(b"one"), memoryview(b"two")]


def bound_socket(family=socket.AF_INET, host="127.0.0.1"):
    opened = socket.socket(family, socket.SOCK_DGRAM)
    opened.bind((host, 0))
    opened.settimeout(10)
    return opened


@pytest.fixture
def receivers():
    opened = [bound_socket(), bound_socket()]
    yield opened
    for one in opened:
        one.close()


def closed_port():
    with bound_socket() as once:
        return once.getsockname()[1]


def test_every_receiver_gets_everything_in_order(receivers):
    transport = UdpTransport([receiver.getsockname() for receiver in receivers])
    transport.send(DATAGRAMS)
    for receiver in receivers:
        assert [receiver.recv(64) for _ in DATAGRAMS] == [b"one", b"two"]
    transport.close()


def test_the_source_port_never_changes(receivers):
    transport = UdpTransport([receivers[0].getsockname()])
    announced = transport.source_port
    for _ in range(5):
        transport.send(DATAGRAMS[:1])
        assert receivers[0].recvfrom(64)[1][1] == announced
    transport.close()


def test_two_avatars_have_two_source_ports(receivers):
    one, two = (UdpTransport([receivers[0].getsockname()]) for _ in range(2))
    assert one.source_port != two.source_port
    one.close()
    two.close()


def test_a_receiver_that_is_not_running_costs_the_others_nothing(receivers):
    transport = UdpTransport([("127.0.0.1", closed_port()), receivers[0].getsockname()])
    for _ in range(20):
        transport.send(DATAGRAMS)
    assert [receivers[0].recv(64) for _ in range(40)] == [b"one", b"two"] * 20
    assert transport.num_errors == 0
    transport.close()


def test_a_receiver_may_start_late(receivers):
    port = closed_port()
    transport = UdpTransport([("127.0.0.1", port)])
    transport.send(DATAGRAMS)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as late:
        late.bind(("127.0.0.1", port))
        late.settimeout(10)
        transport.send(DATAGRAMS)
        assert late.recv(64) == b"one"
    transport.close()


def test_what_the_system_refuses_is_counted():
    transport = UdpTransport([("127.0.0.1", 9)])
    transport.send([memoryview(bytes(70_000)), *DATAGRAMS])  # longer than UDP can carry
    assert transport.num_errors == 1
    transport.close()
    transport.send(DATAGRAMS)
    assert transport.num_errors == 3
    transport.close()


def test_a_name_that_has_both_families_is_taken_as_ipv4(receivers, monkeypatch):
    def both(host, port, **_):
        assert host == "localhost"
        six = (socket.AF_INET6, socket.SOCK_DGRAM, 17, "", ("::1", port, 0, 0))
        return [six, (socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    transport = UdpTransport([("localhost", receivers[0].getsockname()[1])])
    transport.send(DATAGRAMS[:1])
    assert receivers[0].recv(64) == b"one"
    transport.close()


def test_ipv6_and_ipv4_together(receivers):
    try:
        six = bound_socket(socket.AF_INET6, "::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    transport = UdpTransport([six.getsockname()[:2], receivers[0].getsockname()])
    transport.send(DATAGRAMS[:1])
    assert six.recv(64) == receivers[0].recv(64) == b"one"
    transport.close()
    six.close()


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 70, "a..b"])
def test_a_host_that_does_not_resolve(host):
    with pytest.raises(OutputError, match=r"cannot be found; give a name") as caught:
        UdpTransport([(host, 39539)])
    assert "\n" not in str(caught.value)


def test_no_socket_left(monkeypatch):
    def refuse(*_):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(OutputError, match="Too many open files"):
        UdpTransport([("127.0.0.1", 39539)])
