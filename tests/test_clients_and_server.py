"""Both clients and the examples against a real `umo serve`."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine_bridge.async_client import AsyncClient
from engine_bridge.client import Client
from engine_bridge.client_frame import ClientFrame
from engine_bridge.wire_messages import Cleared, Ended
from umo_runtime.audio.framing import num_frames
from umo_runtime.cli.bench_speech import SAMPLE, load_speech
from umo_runtime.errors import ServiceError

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
SPEECH = load_speech()[5120 : 5120 + 32_000]
_SERVE = "import sys; from umo_runtime.cli.main import main; sys.exit(main())"


@pytest.fixture(scope="module")
def urls() -> Iterator[list[str]]:
    """ZeroMQ and WebSocket addresses of a server for three characters."""
    options = ("--port", "0", "--websocket-port", "0", "--streams", "3")
    with subprocess.Popen(
        (sys.executable, "-c", _SERVE, "serve", *options), stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().split()[2:]
        server.terminate()


def check(frames: list[ClientFrame]) -> None:
    """Two seconds of speech, each frame on its own time, with a mouth that moves."""
    spoken = [frame for frame in frames if frame.segment]
    assert abs(len(spoken) - num_frames(len(SPEECH))) <= 1
    np.testing.assert_allclose(np.diff([frame.pts_s for frame in spoken]), 1 / 30, atol=1e-6)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    rotations = np.array([frame.rotations for frame in frames])
    np.testing.assert_allclose(np.linalg.norm(rotations, axis=-1), 1, atol=1e-4)
    faces = np.array([frame.blendshapes for frame in spoken])
    assert 0 <= faces.min() <= faces.max() <= 1
    assert faces.max(axis=0).sum() > 1


@pytest.mark.parametrize("blocks", [False, True])
def test_the_blocking_client(urls: list[str], blocks: bool) -> None:
    with Client(urls[0], blocks=blocks) as client:
        npc = client.open("npc")
        npc.say(SPEECH)
        npc.end()
        check(list(npc.frames()))
        stats = npc.stats()
        assert stats.audio_s == 2
        assert stats.underruns == 0
        npc.close()


@pytest.mark.parametrize("transport", [0, 1])
def test_the_asyncio_client(urls: list[str], transport: int) -> None:
    async def talk() -> list[ClientFrame]:
        async with AsyncClient(urls[transport]) as client:
            npc = await client.open("npc", rate_hz=16_000, format="f32")
            for part in np.array_split(SPEECH, 7):
                npc.say(part)
            npc.end()
            return [frame async for frame in npc.frames()]

    check(asyncio.run(talk()))


def test_an_interruption(urls: list[str]) -> None:
    with Client(urls[0]) as client:
        npc = client.open("npc")
        npc.say(SPEECH)
        while (event := npc.receive(5)) is not None and not getattr(event, "segment", 0):
            pass
        npc.clear()
        npc.say(SPEECH)
        npc.end()
        cleared, ended = (e for e in iter_until_ended(npc.receive) if not is_frame(e))
    assert cleared == Cleared("npc", 1)
    assert ended == Ended("npc", 2, 2.0)


def iter_until_ended(receive):  # type: ignore[no-untyped-def]
    event = None
    while not isinstance(event, Ended):
        event = receive(5)
        assert event is not None
        yield event


def is_frame(event: object) -> bool:
    return isinstance(event, ClientFrame)


def test_a_full_server_refuses_and_has_room_again(urls: list[str]) -> None:
    with Client(urls[0]) as client:
        npcs = [client.open(f"npc {number}") for number in range(3)]
        with pytest.raises(ServiceError) as refused:
            client.open("one more")
        assert refused.value.code == "full"
        npcs[0].close()
        client.open("one more")


@pytest.mark.parametrize(
    ("script", "transport", "options", "printed"),
    [
        ("npc.py", 0, (), "frames for 13.9 s of speech"),
        ("voice_agent.py", 1, ("--interrupt-after", "1"), "segment 2 ended"),
        ("crowd.py", 0, ("--avatars", "2", "--seconds", "2"), "frames this second"),
    ],
)
def test_examples(
    urls: list[str], script: str, transport: int, options: tuple[str, ...], printed: str
) -> None:
    path = ROOT / "examples" / script
    assert len(path.read_text().splitlines()) < 60
    done = subprocess.run(
        (sys.executable, str(path), str(SAMPLE), "--url", urls[transport], *options),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert printed in done.stdout
