"""Engines that are killed or stopped while characters speak: nobody may notice much."""

import asyncio
import os
import signal
import time
from collections.abc import Coroutine
from itertools import pairwise
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import AskStats, Audio, End, Ended, Frame, Stats
from tests.actors.cluster.running_shard import bundled, engine, kill, settled, shard
from tests.actors.live_character import sine
from tests.actors.running_server import Peer, connected
from umo_runtime.blendshapes import MOUTH_CHANNELS
from umo_runtime.types import FRAME_RATE_HZ

pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs Linux")

AHEAD_S = 0.3
RESUMED_S = 0.5
SPEECH_S = 2.0
# 99 % of the steps from frame to frame of real motion are smaller: the largest turn of any bone in
# 490 captured clips (50566 frames), the largest change of any channel of a captured mouth (2_04).
REAL_TURN_RAD, REAL_MOUTH_STEP = 0.447, 0.224


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(test)


def name() -> str:
    return f"test-{uuid4().hex[:8]}"


async def speak(peer: Peer, stream: str, speech: bytes) -> None:
    """At the pace of speech, a little ahead of it: a busy machine must not make it run dry."""
    began_s = time.monotonic() - AHEAD_S
    for number, start in enumerate(range(0, len(speech), 640)):
        await asyncio.sleep(began_s + number * 0.02 - time.monotonic())
        await peer.send(Audio(stream, 1, speech[start : start + 640]))
    await peer.send(End(stream, 1))


class Listener:
    """Takes what a client is sent, with times of arrival."""

    def __init__(self, peer: Peer) -> None:
        self.got: list[tuple[float, Any]] = []
        self._peer = peer

    async def until_ended(self) -> None:
        while not (self.got and isinstance(self.got[-1][1], Ended)):
            message = await self._peer.receive()
            self.got.append((time.monotonic(), message))

    def frames(self) -> list[Frame]:
        return [message for _, message in self.got if isinstance(message, Frame)]

    def check(self, seconds: float = SPEECH_S) -> None:
        """No frame is missing, none comes twice, and time has no gap."""
        frames = self.frames()
        indices = [frame.index for frame in frames]
        assert indices == list(range(indices[0], indices[0] + len(indices)))
        spoken = [frame for frame in frames if frame.segment == 1]
        times_s = np.array([frame.pts_s for frame in spoken])
        np.testing.assert_allclose(np.diff(times_s), 1 / FRAME_RATE_HZ, atol=1e-9)
        assert times_s[-1] > seconds - 0.04
        ended = [message for _, message in self.got if isinstance(message, Ended)]
        assert ended == [Ended(frames[0].stream, 1, seconds)]

    def longest_wait_s(self, after_s: float) -> float:
        """Between frames, from a moment on."""
        at_s = [at_s for at_s, message in self.got if isinstance(message, Frame)]
        return max(b - max(a, after_s) for a, b in pairwise(at_s) if b > after_s)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_the_standby_goes_on_and_other_shards_hear_nothing_of_it(number: int) -> None:
    async def test() -> None:
        one_name, other_name = name(), name()
        async with shard(one_name) as one, shard(other_name) as other:
            with engine(one_name) as first, engine(other_name) as second:
                await one.has_engines(1)
                await other.has_engines(1)
                with engine(one_name, other_name) as standby:
                    await one.has_engines(2)
                    await other.has_engines(2)
                    assert one.service is not None and other.service is not None
                    async with connected(one.urls[0]) as a, connected(other.urls[0]) as b:
                        await a.join("npc")
                        await b.join("npc")
                        heard, unhurt = Listener(a), Listener(b)
                        speaking = asyncio.gather(
                            speak(a, "npc", sine(SPEECH_S)), speak(b, "npc", sine(SPEECH_S))
                        )
                        listening = asyncio.gather(heard.until_ended(), unhurt.until_ended())
                        await asyncio.sleep(1.0)
                        assert one.service.serving_process == first.pid
                        killed_s = kill(first.pid, number)
                        await speaking
                        await listening
                        heard.check()
                        unhurt.check()
                        assert heard.longest_wait_s(killed_s) < RESUMED_S
                        assert unhurt.longest_wait_s(killed_s) < 0.3
                        assert one.service.serving_process == standby.pid
                        assert other.service.serving_process == second.pid
                        assert other.service.num_engines == 1  # the standby is taken
                        stats = await a.ask(AskStats("npc"), Stats)
                        assert stats.audio_s == SPEECH_S and stats.underruns == 0
                        await settled(one)
                        await settled(other)
                        assert one.service.chunks().again > 0
                        assert one.events()[-1] == "engine took over"
                        first.join(1)
                        assert not first.is_alive()  # a stopped one was ended

    run(test())


def test_a_standby_that_dies_hurts_nobody_and_may_come_back() -> None:
    async def test() -> None:
        gateway = name()
        async with shard(gateway) as one:
            assert one.service is not None
            with engine(gateway):
                await one.has_engines(1)
                with engine(gateway) as standby:
                    await one.has_engines(2)
                    async with connected(one.urls[0]) as peer:
                        await peer.join("npc")
                        heard = Listener(peer)
                        speaking = asyncio.create_task(speak(peer, "npc", sine(SPEECH_S)))
                        listening = asyncio.create_task(heard.until_ended())
                        await asyncio.sleep(0.5)
                        kill(standby.pid)
                        with engine(gateway):
                            await asyncio.gather(speaking, listening)
                            heard.check()
                            await one.has_engines(2)
                        await settled(one)
                        assert one.service.chunks().again == one.service.switches == 0

    run(test())


def test_without_any_engine_characters_wait_and_lose_nothing() -> None:
    async def test() -> None:
        gateway = name()
        async with shard(gateway) as one, connected(one.urls[0]) as peer:
            assert one.service is not None
            await peer.join("npc")
            with engine(gateway) as first:
                await one.has_engines(1)
                speaking = asyncio.create_task(speak(peer, "npc", sine(SPEECH_S)))
                heard = Listener(peer)
                listening = asyncio.create_task(heard.until_ended())
                await asyncio.sleep(0.7)
                kill(first.pid)
                await asyncio.sleep(0.3)
                assert one.service.num_engines == 0
                with engine(gateway):
                    await asyncio.gather(speaking, listening)
                    heard.check()
                    await settled(one)
                    chunks = one.service.chunks()
                    assert chunks.unfed > 0 and chunks.again > 0

    run(test())


def test_an_engine_whose_gateway_is_gone_ends() -> None:
    async def test() -> None:
        gateway = name()
        with engine(gateway) as only:
            async with shard(gateway) as one:
                await one.has_engines(1)
                async with connected(one.urls[0]) as peer:
                    await peer.join("npc")
                    await peer.until(Frame)
            await asyncio.to_thread(only.join, 5)
            assert only.exitcode == 0

    run(test())


def test_a_ring_that_nobody_reads_is_not_waited_for() -> None:
    async def test() -> None:
        gateway = name()
        async with shard(gateway) as one, connected(one.urls[0]) as peer:
            assert one.service is not None
            with engine(gateway) as first:
                await one.has_engines(1)
                await peer.join("npc")
                await peer.until(Frame)
                kill(first.pid, signal.SIGSTOP)
                link = one.service._links[0]
                big = bytes(1 << 16)
                while link.audio.stats().dropped == 0:
                    link.audio.put(big, count=7)
                with engine(gateway):
                    await one.has_engines(1)
                    heard = Listener(peer)
                    speaking = asyncio.create_task(speak(peer, "npc", sine(SPEECH_S)))
                    await heard.until_ended()
                    await speaking
                    heard.check()
                    assert one.events().count("engine stalled") == 1
                    assert one.service.chunks().lost >= 7  # what was put here for nobody

    run(test())


@pytest.mark.slow
def test_the_real_model_resumes_without_a_pop() -> None:
    from umo_runtime.cli.bench_speech import as_s16, load_speech

    async def test() -> None:
        gateway, speech = name(), load_speech()[5120 : 5120 + 5 * 16_000]
        async with shard(gateway) as one, connected(one.urls[0]) as peer:
            assert one.service is not None
            with engine(gateway, networks=bundled) as first:
                await one.has_engines(1)
                with engine(gateway, networks=bundled):
                    await one.has_engines(2)
                    await peer.join("npc")
                    heard = Listener(peer)
                    speaking = asyncio.create_task(speak(peer, "npc", as_s16(speech)))
                    listening = asyncio.create_task(heard.until_ended())
                    await asyncio.sleep(2.6)
                    killed_s = kill(first.pid)
                    await asyncio.gather(speaking, listening)
                    heard.check(5.0)
                    wait_s = heard.longest_wait_s(killed_s)
                    assert wait_s < RESUMED_S
                    at_s = [at_s for at_s, m in heard.got if isinstance(m, Frame)]
                    seam = next(i for i, time_s in enumerate(at_s) if time_s > killed_s)
                    poses = [frame_values(frame) for frame in heard.frames()]
                    turned = np.array([angle(a[0], b[0]) for a, b in pairwise(poses)])
                    mouths = np.array([pose[2][list(MOUTH_CHANNELS)] for pose in poses])
                    led = slice(seam - 2, seam + 20)  # into the new stream, the mouth in 80 ms
                    assert turned[led].max() < REAL_TURN_RAD
                    steps = np.abs(np.diff(mouths, axis=0))[seam - 2 : seam + 4]
                    assert steps.max() < REAL_MOUTH_STEP

    run(test())


def angle(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Turn of each bone [55] between two poses, radians."""
    cosine = np.abs((one * other).sum(axis=-1)).clip(0, 1)
    return np.asarray(2 * np.arccos(cosine))
