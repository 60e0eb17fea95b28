import os
import socket

import pytest

from umo_runtime.cli.bench_server import BenchServer, difference, machine_busy_s, open_server
from umo_runtime.cli.main import main
from umo_runtime.errors import ServiceError


def test_a_server_that_runs_is_taken_as_it_is() -> None:
    with open_server("tcp://10.0.0.1:7601", "", streams=1) as server:
        assert server == BenchServer("tcp://10.0.0.1:7601")
        assert server.cpu_s() is None
        assert server.rss_mb() is None


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="the system does not tell")
def test_what_a_process_costs() -> None:
    server = BenchServer("", os.getpid())
    all_before_s, before_s, memory_mb = machine_busy_s(), server.cpu_s(), server.rss_mb()
    sum(range(10_000_000))
    spent_s = difference(server.cpu_s(), before_s)
    of_all_s = difference(machine_busy_s(), all_before_s)
    assert spent_s is not None
    assert of_all_s is not None
    assert 0.05 < spent_s < 30
    assert of_all_s > 0.9 * spent_s - 0.02
    assert memory_mb is not None
    assert 20 < memory_mb < 100_000


def test_a_server_that_does_not_start_says_why() -> None:
    with (
        pytest.raises(ServiceError, match=r"did not start: umo: .*streams"),
        open_server(None, "", streams=0),
    ):
        pass


def test_a_server_that_is_not_there_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine_bridge.direct_link._CONNECT_S", 0.2)
    monkeypatch.setattr("umo_runtime.cli.bench_job._rehearsed", lambda clock, most: [])
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        assert main(["bench", "latency", "--connect", url]) == 2
    assert capsys.readouterr().err.startswith(f"umo: nothing answers at {url}")
