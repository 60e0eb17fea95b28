import os
import select
import socket
import threading
from uuid import uuid4

import pytest

from actors.cluster.engine_link import EngineLink, listen
from umo_runtime.errors import OutputError, ServiceError

pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs Linux")


@pytest.fixture
def name() -> str:
    return f"test-{uuid4().hex[:8]}"


def linked(name: str) -> tuple[EngineLink, EngineLink]:
    """Both ends: of the gateway, of the engine."""
    calling: list[EngineLink] = []
    thread = threading.Thread(target=lambda: calling.append(EngineLink.connect(name)))
    with listen(name) as listener:
        thread.start()
        select.select([listener], (), (), 5)
        gateway = EngineLink.accept(listener, 4, max_streams=4)
        thread.join()
    return gateway, calling[0]


def test_records_go_both_ways_and_the_end_is_noticed(name: str) -> None:
    gateway, engine = linked(name)
    assert engine.number == gateway.number == 4
    assert gateway.process_id == engine.process_id == os.getpid()
    gateway.audio.put(b"chunk")
    engine.frames.put(b"frame")
    assert [r.data for r in engine.audio.take_all()] == [b"chunk"]
    assert [r.data for r in gateway.frames.take_all()] == [b"frame"]
    engine.frames.beat()
    assert gateway.frames.beats == 1
    assert not gateway.is_over and not engine.is_over
    engine.close()
    assert gateway.is_over
    gateway.close()


def test_a_name_is_taken_once(name: str) -> None:
    with listen(name), pytest.raises(OutputError, match="end the other shard"):
        listen(name)


def test_a_gateway_that_is_not_there(name: str) -> None:
    with pytest.raises(OSError):
        EngineLink.connect(name)


def test_processes_of_other_users_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with listen(name) as listener:
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(b"\0umo/" + name.encode())
            monkeypatch.setattr(os, "getuid", lambda: 12345)
            with pytest.raises(ServiceError, match="run all as one user"):
                EngineLink.accept(listener, 0, 4)
        with pytest.raises(ServiceError):
            EngineLink.connect(name)


def test_nothing_stays_behind(name: str) -> None:
    open_before = len(os.listdir("/proc/self/fd"))
    for end in linked(name):
        end.close()
        end.close()  # again is fine
    assert len(os.listdir("/proc/self/fd")) == open_before
