"""The C# client against servers that are gone, strange or closed to it, and against publishers."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import zmq

from engine_bridge.curve_keys import make_keys
from engine_bridge.wire_messages import Audio, Control, End, Open, Stand, Text
from tests.engine_bridge.fake_service import Script, zmq_service
from tests.engine_bridge.test_return import town
from tests.unity_sample.mono_program import MonoProgram
from tests.unity_sample.serve_process import ServeProcess

pytestmark = pytest.mark.receiver
GREETING = bytes.fromhex("ff00000000000000007f") + b"\x03\x00" + b"NULL".ljust(52, b"\0")
READY = b"\x04\x19\x05READY\x0bSocket-Type\0\0\0\x03PUB"


@contextmanager
def peer(answer: bytes) -> Iterator[str]:
    """Something that answers with certain bytes and then listens."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            while True:
                try:
                    connection, _ = door.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(answer)
                    while connection.recv(4096):
                        pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"tcp://127.0.0.1:{door.getsockname()[1]}"
        door.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def test_nobody_listens(program: MonoProgram) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    said = program.run("no_server", f"tcp://127.0.0.1:{port}", "connect")
    assert "umo serve" in said


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "gone"),  # it accepts and says nothing
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".ljust(64), "protocol"),
        (GREETING[:10] + b"\x01" + GREETING[11:], "protocol"),
        (GREETING.replace(b"NULL", b"PLAI"), "mechanism"),
        (GREETING + b"\x04\x07\x05ERROR\x00", "protocol"),
        (GREETING + b"\x02" + struct.pack(">Q", 1 << 62), "protocol"),
        (GREETING + READY + b"\x07\x00", "gone"),
        (GREETING + READY + b"\x40\x40\x40", "protocol"),
    ],
)
def test_strange_servers(program: MonoProgram, answer: bytes, code: str) -> None:
    with peer(answer) as url:
        program.run("no_server", url, code)


def test_a_server_that_demands_keys(program: MonoProgram, tmp_path: Path) -> None:
    make_keys(tmp_path, ["game"])
    with ServeProcess("--keys", str(tmp_path)) as server:
        assert "CURVE" in program.run("no_server", server.url, "mechanism")


def test_a_server_that_demands_a_token(program: MonoProgram) -> None:
    with ServeProcess("--token", "secret") as server:
        assert "token" in program.run("no_server", server.url, "token")


def test_a_subscriber_of_a_publisher(program: MonoProgram) -> None:
    with zmq.Context() as context, context.socket(zmq.XPUB) as publisher:
        publisher.linger = 0
        port = publisher.bind_to_random_port("tcp://127.0.0.1")
        with program.started("subscriber", f"tcp://127.0.0.1:{port}") as process:
            assert publisher.recv() == b"\x01a"
            for _ in range(100):
                publisher.send_multipart((b"b", b"of no interest"))
                publisher.send_multipart((b"a", bytes(1121)))
            assert "passed" in process.communicate(timeout=30)[0]


def test_a_subscriber_of_zmtp_3_0(program: MonoProgram) -> None:
    message = b"\x01\x01a" + b"\x02" + struct.pack(">Q", 1121) + bytes(1121)
    ping = b"\x04\x09\x04PING\x00\x0aid"  # of 3.1, but no harm
    with (
        socket.create_server(("127.0.0.1", 0)) as door,
        program.started("subscriber", f"tcp://127.0.0.1:{door.getsockname()[1]}") as process,
    ):
        connection, _ = door.accept()
        with connection:
            heard = connection.makefile("rb")
            connection.sendall(GREETING + READY)
            assert heard.read(64)[:12] == bytes.fromhex("ff00000000000000007f0301")
            assert heard.read(2)[0] == 4
            assert heard.read(25)[-3:] == b"SUB"
            assert heard.read(4) == b"\x00\x02\x01a"  # a message, not a command
            connection.sendall(ping)
            assert heard.read(9) == b"\x04\x07\x04PONGid"
            connection.sendall(100 * message)
            assert "passed" in process.communicate(timeout=30)[0]


def test_a_client_that_was_sent_to_a_shard_goes_on_at_another(program: MonoProgram) -> None:
    with town(zmq_service) as place, program.started("moved", place.url) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready 0\n"
        place.fire.close()
        assert "passed" in process.communicate(timeout=30)[0]
    known = [m for m in place.second.heard if isinstance(m, Open | Control | Text | Stand)]
    assert known[0] == Open("npc", 16_000, "s16", 7)
    assert isinstance(known[1], Stand)
    assert known[1].shown == 2
    assert known[2:] == [
        Control("npc", emotion="joy", calmness=0.25),
        Text("npc", 1, ["now", "later"], [0.0, 0.09]),
    ]
    again = b"".join(audio.payload for audio in place.second.of(Audio))
    assert again == np.arange(1600, dtype="<i2").tobytes()  # the sound of what was shown, too
    assert len(place.second.of(End)) == 1


def test_a_client_that_was_refused_asks_again(program: MonoProgram) -> None:
    service = Script()
    service.refuses_s = time.monotonic() + 2
    with zmq_service(service) as url:
        program.run("refused_for_a_while", url)
