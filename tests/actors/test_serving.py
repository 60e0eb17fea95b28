import asyncio
import socket
import struct
from collections.abc import Coroutine
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import zmq
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from actors.server import TIMEOUT_S
from actors.serving import ServeOptions
from engine_bridge.curve_keys import CLIENTS, make_keys
from engine_bridge.wire import MAX_MESSAGE_BYTES, decode, encode, frame_values
from engine_bridge.wire_messages import (
    SERVER_MESSAGES,
    AskStats,
    Audio,
    Clear,
    Cleared,
    Close,
    Closed,
    End,
    Ended,
    Frame,
    Hello,
    Open,
    Opened,
    Ping,
    Pong,
    Refusal,
    Welcome,
)
from engine_bridge.zmq_dealer import CurveKeys
from tests.actors.fake_networks import FakeNetworks
from tests.actors.live_character import sine
from tests.actors.running_server import LOOPBACK, Peer, connected, serving
from tests.eventually import PATIENCE_S, eventually
from umo_runtime.clock import ManualClock
from umo_runtime.errors import OutputError

ZEROMQ, WEBSOCKET = 0, 1  # places of their URLs
both = pytest.mark.parametrize("endpoint", [ZEROMQ, WEBSOCKET], ids=["zeromq", "websocket"])


def has_version_6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test)


@both
def test_a_client_gets_frames_interrupts_and_leaves(endpoint: int) -> None:
    async def test() -> None:
        networks = FakeNetworks()
        async with serving(networks=networks) as urls, connected(urls[endpoint]) as peer:
            await peer.join("npc")
            await peer.send(Audio("npc", 1, sine(0.5)), End("npc", 1))
            spoken = await peer.until(Ended)
            frames = [m for m in spoken if isinstance(m, Frame)]
            assert [frame.index for frame in frames] == list(range(len(frames)))
            told = [frame for frame in frames if frame.segment == 1]
            assert len(told) >= 14
            assert all(b.pts_s > a.pts_s for a, b in pairwise(told))
            assert frame_values(told[0])[0].shape == (55, 4)
            assert spoken[-1] == Ended("npc", 1, 0.5)
            assert isinstance((await peer.until(Frame))[-1], Frame)  # it lives on
            await peer.send(Audio("npc", 2, sine(9.0)))
            await peer.until(Frame)
            assert (await peer.ask(Clear("npc"), Cleared)).stream == "npc"
            assert (await peer.receive()).segment == 0
            assert await peer.ask(Close("npc"), Closed) == Closed("npc")
            await peer.send(Ping(5))
            assert await peer.receive() == Pong(5)  # and no frame
        assert networks.num_admitted == 0

    run(test())


@both
def test_clients_do_not_see_one_another(endpoint: int) -> None:
    async def test() -> None:
        async with (
            serving() as urls,
            connected(urls[endpoint]) as one,
            connected(urls[1 - endpoint]) as other,
            connected(urls[endpoint]) as third,
        ):
            for peer in (one, other, third):
                await peer.join("npc")
            await one.send(Audio("npc", 1, sine(0.5)), End("npc", 1), Clear("npc"), Close("npc"))
            await one.until(Closed)
            for peer in (other, third):
                heard = await peer.ask(Ping(7), Pong)
                assert heard == Pong(7)
                frames = [await peer.receive() for _ in range(10)]
                assert {type(frame) for frame in frames} == {Frame}
                assert {frame.segment for frame in frames} == {0}

    run(test())


def test_a_websocket_client_that_vanishes_frees_its_streams() -> None:
    async def test() -> None:
        async with serving(replace(LOOPBACK, max_streams=1)) as urls:
            client = await connect(urls[WEBSOCKET], ping_interval=None)
            await client.send(encode(Hello("x")))
            await client.send(encode(Open("npc")))
            for kind in (Welcome, Opened):
                assert isinstance(decode(await client.recv(decode=False), SERVER_MESSAGES), kind)
            async with connected(urls[ZEROMQ]) as other:
                await other.join()
                assert await refusal_of_open(other) == "full"
                client.transport.abort()
                await until_open_says("", other)
            await client.wait_closed()

    run(test())


async def until_open_says(code: str, peer: Peer) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while await refusal_of_open(peer) != code:
            pass


async def refusal_of_open(peer: Peer) -> str:
    """Code of the refusal; "" if a stream was opened (and closed again)."""
    await peer.send(Open("late"))
    answer = await peer.receive()
    if isinstance(answer, Opened):
        await peer.ask(Close("late"), Closed)
        return ""
    assert isinstance(answer, Refusal)
    return answer.code


def test_a_zeromq_client_that_says_nothing_is_forgotten() -> None:
    async def test() -> None:
        clock = ManualClock(100.0)
        options = replace(LOOPBACK, max_streams=1)
        async with serving(options, clock) as urls, connected(urls[ZEROMQ]) as silent:
            await silent.join("npc")
            async with connected(urls[ZEROMQ]) as other:
                await other.join()
                clock.advance(TIMEOUT_S - 0.1)
                assert await refusal_of_open(other) == "full"
                clock.advance(0.2)
                await until_open_says("", other)
            assert (await silent.ask(AskStats("npc"), Refusal)).code == "hello"

    run(test())


@both
def test_one_that_never_reads_hurts_nobody(endpoint: int) -> None:
    async def test() -> None:
        async with serving() as urls, connected(urls[endpoint]) as lazy:
            await lazy.join("npc")
            for _ in range(10):  # 100 s: frames for 4 MB
                await lazy.send(Audio("npc", 1, sine(10.0)))
            async with connected(urls[1 - endpoint]) as eager:
                await eager.join("npc")
                await eager.send(Audio("npc", 1, sine(1.0)), End("npc", 1))
                frames = [m for m in await eager.until(Ended) if isinstance(m, Frame)]
                assert [frame.index for frame in frames] == list(range(len(frames)))

    run(test())


@both
def test_garbage_is_refused_and_the_client_stays(endpoint: int) -> None:
    async def test() -> None:
        async with serving() as urls, connected(urls[endpoint]) as peer:
            await peer.join("npc")
            for data in (b"", b"\x00", b"UMO\x02aa", encode(Ping(1))[:-1], b"x" * 100_000):
                assert isinstance(await peer.ask(data, Refusal), Refusal)
            assert await peer.ask(Ping(1), Pong) == Pong(1)

    run(test())


def test_zeromq_messages_in_no_or_many_parts_are_refused() -> None:
    async def test() -> None:
        async with serving() as urls:
            with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
                dealer.linger = 0
                dealer.connect(urls[ZEROMQ])
                for parts in ([b""], [encode(Hello("x")), encode(Hello("x"))], [b""] * 50):
                    dealer.send_multipart(parts)
                    answer = decode(await received(dealer), SERVER_MESSAGES)
                    assert answer.code == "magic"

    run(test())


def test_a_websocket_text_is_refused_and_a_giant_ends_only_its_connection() -> None:
    async def test() -> None:
        async with (
            serving() as urls,
            connected(urls[WEBSOCKET]) as bystander,
            connect(urls[WEBSOCKET], ping_interval=None) as client,
        ):
            await bystander.join("npc")
            await client.send("hello")
            assert decode(await client.recv(decode=False), SERVER_MESSAGES).code == "magic"
            await client.send(b"UMO" + bytes(MAX_MESSAGE_BYTES))
            with pytest.raises(ConnectionClosed, match="1009"):
                await client.recv()
            await bystander.until(Frame)

    run(test())


def test_what_was_said_before_the_server_came_is_heard() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    async def test() -> None:
        async with connected(f"tcp://127.0.0.1:{port}") as early:
            await early.send(Hello("early"), Open("npc"))
            async with serving(replace(LOOPBACK, port=port)):
                assert isinstance(await early.receive(), Welcome)
                await early.until(Frame)

    run(test())


@both
def test_the_token_is_asked_for(endpoint: int) -> None:
    async def test() -> None:
        async with (
            serving(replace(LOOPBACK, token="sésame")) as urls,
            connected(urls[endpoint]) as peer,
        ):
            for wrong in ("", "sesame", "sésame "):
                assert (await peer.ask(Hello("x", wrong), Refusal)).code == "token"
                assert (await peer.ask(Open("npc"), Refusal)).code == "hello"
            await peer.join("npc", token="sésame")

    run(test())


@both
def test_a_port_that_is_taken_is_one_line(endpoint: int, tmp_path: Path) -> None:
    make_keys(tmp_path, ["game"])

    async def test() -> None:
        async with serving() as urls:
            port = int(urls[endpoint].rpartition(":")[2])
            ports = (port, 0) if endpoint == ZEROMQ else (0, port)
            for keys in (None, tmp_path):
                with pytest.raises(OutputError) as caught:
                    async with serving(ServeOptions("127.0.0.1", *ports, 1, keys=keys)):
                        pass
                assert str(caught.value).startswith(f"cannot listen at 127.0.0.1:{port} (")
                assert "\n" not in str(caught.value)

    # the outer server's threads and tasks live while the inner one must not leave any
    run(test())


@pytest.mark.parametrize("host", ["no.such.host.invalid", "", "203.0.113.7", "a" * 300, "ä..b"])
def test_a_host_that_is_none_is_one_line(host: str) -> None:
    async def test() -> None:
        with pytest.raises(OutputError, match="cannot listen at") as caught:
            async with serving(replace(LOOPBACK, host=host)):
                pass
        assert "\n" not in str(caught.value)

    run(test())


def test_a_name_can_be_listened_at() -> None:
    async def test() -> None:
        async with serving(replace(LOOPBACK, host="localhost")) as urls:
            for url in urls:
                async with connected(url) as peer:
                    await peer.join("npc")

    run(test())


@pytest.mark.skipif(not has_version_6(), reason="this machine has no address ::1")
@both
def test_version_6_of_addresses_can_be_listened_at(endpoint: int) -> None:
    async def test() -> None:
        async with serving(replace(LOOPBACK, host="::1")) as urls:
            assert "://[::1]:" in urls[endpoint]
            async with connected(urls[endpoint]) as peer:
                await peer.join("npc")

    run(test())


async def received(dealer: zmq.Socket[bytes]) -> bytes:
    """The next message of a plain socket, without holding up the server in this loop."""
    await eventually(lambda: dealer.poll(0))
    return dealer.recv()


ELSEWHERE = Origin("https://example.org")


@pytest.mark.parametrize(
    ("origin", "options", "is_let_in"),
    [
        (None, LOOPBACK, True),
        (Origin("http://localhost:8080"), LOOPBACK, True),
        (ELSEWHERE, LOOPBACK, False),
        (Origin("null"), LOOPBACK, False),
        (ELSEWHERE, replace(LOOPBACK, origins=(ELSEWHERE,)), True),
        (Origin("https://example.org:444"), replace(LOOPBACK, origins=(ELSEWHERE,)), False),
        (ELSEWHERE, replace(LOOPBACK, token="secret"), True),
    ],
)
def test_web_pages_of_elsewhere_need_leave_or_the_token(
    origin: Origin | None, options: ServeOptions, is_let_in: bool
) -> None:
    async def test() -> None:
        async with serving(options) as urls:
            if not is_let_in:
                with pytest.raises(InvalidStatus, match="403"):
                    await connect(urls[WEBSOCKET], origin=origin)
                return
            async with connect(urls[WEBSOCKET], origin=origin) as page:
                for token in ("", options.token):
                    await page.send(encode(Hello("page", token)))
                    answer = decode(await page.recv(decode=False), SERVER_MESSAGES)
                    assert isinstance(answer, Welcome) == (token == options.token)

    run(test())


def test_websocket_can_be_left_out() -> None:
    async def test() -> None:
        async with serving(replace(LOOPBACK, websocket_port=None)) as urls:
            assert [url[:6] for url in urls] == ["tcp://"]

    run(test())


def test_curve_lets_in_known_keys_only(tmp_path: Path) -> None:
    make_keys(tmp_path / "ours", ["game", "former"])
    make_keys(tmp_path / "theirs", ["game"])
    (tmp_path / "ours" / CLIENTS / "former.key").unlink()

    async def is_let_in(url: str, curve: CurveKeys | None) -> bool:
        async with connected(url, curve) as peer:
            await peer.send(Hello("x"))
            try:
                async with asyncio.timeout(0.4):
                    return isinstance(await peer.receive(), Welcome)
            except TimeoutError:
                return False

    async def test() -> None:
        server = tmp_path / "ours" / "server.key"
        known, former, unknown = (
            CurveKeys.read(server, tmp_path / folder / CLIENTS / f"{name}.key_secret")
            for folder, name in (("ours", "game"), ("ours", "former"), ("theirs", "game"))
        )
        async with serving(replace(LOOPBACK, keys=tmp_path / "ours")) as urls:
            assert await is_let_in(urls[ZEROMQ], known)
            assert not await is_let_in(urls[ZEROMQ], former)
            assert not await is_let_in(urls[ZEROMQ], unknown)
            assert not await is_let_in(urls[ZEROMQ], CurveKeys(known.server))
            assert not await is_let_in(urls[ZEROMQ], None)
            assert await is_let_in(urls[ZEROMQ], known)

    run(test())


@pytest.mark.parametrize("name", [None, "server.key", "no_key"])
def test_keys_that_cannot_be_used_are_one_line(tmp_path: Path, name: str | None) -> None:
    if name is not None:
        make_keys(tmp_path / "others", [])
        (tmp_path / "others" / "no_key").write_text("curve\n    public-key = 1")
        (tmp_path / "others" / name).rename(tmp_path / "server.key_secret")

    async def test() -> None:
        with pytest.raises(OutputError, match="make keys: umo keys FOLDER"):
            async with serving(replace(LOOPBACK, keys=tmp_path)):
                pass

    run(test())


@both
def test_it_ends_in_time_whatever_its_clients_do(endpoint: int) -> None:
    async def test() -> None:
        async with serving() as urls:
            lazy = await connect(urls[WEBSOCKET], ping_interval=None, max_queue=1)
            await lazy.send(encode(Hello("x")))
            await lazy.send(encode(Open("npc")))
            await lazy.send(encode(Audio("npc", 1, sine(30.0))))
            mute = socket.create_connection(urls_address(urls[endpoint]))
            async with connected(urls[ZEROMQ]) as peer:
                await peer.join("npc")
                await peer.send(Audio("npc", 1, sine(30.0)))
                await peer.until(Frame)
        mute.close()
        lazy.transport.abort()
        await lazy.wait_closed()

    run(test())


def urls_address(url: str) -> tuple[str, int]:
    host, _, port = url.partition("://")[2].rpartition(":")
    return host, int(port)


def test_an_error_of_the_networks_ends_the_server_with_that_error() -> None:
    class Broken(FakeNetworks):
        @property
        def num_admitted(self) -> int:
            return 0

    networks, error = Broken(), RuntimeError("the card fell off")

    def fail(*_: object) -> None:
        raise error

    networks.predictor.step = fail  # type: ignore[assignment, method-assign]

    async def test() -> None:
        with pytest.raises(RuntimeError) as caught:
            async with serving(networks=networks) as urls, connected(urls[ZEROMQ]) as peer:
                await peer.join("npc")
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.3):
                        await peer.until(Frame)
        assert caught.value is error

    run(test())


def test_a_raw_connection_that_breaks_off_is_nothing() -> None:
    async def test() -> None:
        async with serving() as urls:
            for url in urls:
                for garbage in (b"", b"GET / HTTP/1.1\r\n", bytes(range(256)) * 100):
                    with socket.create_connection(urls_address(url)) as raw:
                        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        raw.sendall(garbage)
            async with connected(urls[WEBSOCKET]) as peer:
                await peer.join("npc")

    run(test())
