import sys
from types import SimpleNamespace

import pytest

from actors.cluster.gateway_host import at_own_ports, reachable
from actors.serving import ServeOptions

OPTIONS = ServeOptions("0.0.0.0", 7601, 7602, 64, "secret", metrics_port=9464)


def test_shards_have_ports_of_their_own_and_no_metrics() -> None:
    third = at_own_ports(OPTIONS, 7610, 2)
    assert (third.port, third.websocket_port, third.metrics_port) == (7614, 7615, None)
    assert (third.host, third.token, third.max_streams) == ("0.0.0.0", "secret", 64)
    any_ports = at_own_ports(OPTIONS, 0, 2)
    assert (any_ports.port, any_ports.websocket_port) == (0, 0)
    without = at_own_ports(ServeOptions("h", 7601, None, 4), 7610, 0)
    assert (without.port, without.websocket_port) == (7610, None)


@pytest.mark.parametrize(
    ("url", "address", "shown"),
    [
        ("tcp://0.0.0.0:7610", "10.0.0.7", "tcp://10.0.0.7:7610"),
        ("ws://[::]:7611", "fe80::1", "ws://[fe80::1]:7611"),
        ("tcp://127.0.0.1:7610", "10.0.0.7", "tcp://127.0.0.1:7610"),
    ],
)
def test_clients_are_told_an_address_that_they_can_reach(
    url: str, address: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = SimpleNamespace(util=SimpleNamespace(get_node_ip_address=lambda: address))
    monkeypatch.setitem(sys.modules, "ray", ray)
    assert reachable(url) == shown
