"""Shards that Ray places, and processes that are really killed."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pytest

from engine_bridge.client import Client
from engine_bridge.wire_messages import Frame
from tests.actors.cluster.served_cluster import (
    Served,
    check_speech,
    marks,
    placed,
    run,
    served,
    shard_at,
)
from tests.actors.cluster.test_failures import RESUMED_S, SPEECH_S, Listener, speak
from tests.actors.live_character import sine

pytestmark = marks()
BACK_S = 6.0  # for a client whose gateway is gone to have frames from another


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with served("--shards", "2", "--streams", "4", "--metrics-port", "0") as each:
        for shard in ("shard-0", "shard-1"):
            each.wait_for("engine ready", count=2, shard=shard)  # its own and the standby
        yield each


def test_a_client_is_led_to_a_shard_and_speaks(running: Served) -> None:
    with Client(running.urls[0]) as client:
        npc = client.open("npc")
        npc.say(np.frombuffer(sine(1.0), "<i2"))
        npc.end()
        frames = list(npc.frames())
        assert [frame.index for frame in frames] == list(range(len(frames)))
        assert 30 <= sum(frame.segment == 1 for frame in frames) <= 34
        npc.close()


def test_a_killed_engine_is_replaced_by_the_standby_and_comes_back(running: Served) -> None:
    async def test() -> None:
        async with placed(running.urls[0]) as (a, a_url), placed(running.urls[0]) as (b, b_url):
            assert a_url != b_url
            await a.join("npc")
            await b.join("npc")
            heard, unhurt = Listener(a), Listener(b)
            listening = asyncio.gather(heard.until_ended(), unhurt.until_ended())
            speaking = asyncio.gather(
                speak(a, "npc", sine(SPEECH_S)), speak(b, "npc", sine(SPEECH_S))
            )
            await asyncio.sleep(1.0)
            shard = shard_at(running, a_url)
            took = len(running.told("engine took over", shard=shard))
            os.kill(running.engine_of(shard), signal.SIGKILL)
            killed_s = time.monotonic()
            await listening
            await speaking
            heard.check()
            unhurt.check()
            assert heard.longest_wait_s(killed_s) < RESUMED_S
            assert unhurt.longest_wait_s(killed_s) < 0.3
            await asyncio.to_thread(
                running.wait_for, "engine took over", count=took + 1, shard=shard
            )

    before = len(running.told("engine ready"))
    run(test())
    for shard in ("shard-0", "shard-1"):  # Ray begins it anew, to stand by
        running.wait_for("engine ready", count=before // 2 + 1, shard=shard)


def test_a_killed_director_is_not_missed(running: Served) -> None:
    async def test() -> None:
        async with placed(running.urls[1]) as (peer, _):
            await peer.join("npc")
            heard = Listener(peer)
            listening = asyncio.create_task(heard.until_ended())
            speaking = asyncio.create_task(speak(peer, "npc", sine(SPEECH_S)))
            await asyncio.sleep(0.3)
            director = running.told("director ready")[-1]["process"]
            os.kill(director, signal.SIGKILL)
            killed_s = time.monotonic()
            async with placed(running.urls[0]) as (late, _):  # the front door goes on
                await late.join("late")
                await late.until(Frame)
            await asyncio.gather(listening, speaking)
            heard.check()
            assert heard.longest_wait_s(killed_s) < 0.3

    run(test())
    running.wait_for("director ready", count=2)
    with urlopen(metrics_url(running)) as answer:  # it has found its shards again
        assert b'umo_characters{shard="shard-1"}' in answer.read()


def metrics_url(running: Served) -> str:
    return next(url for url in running.urls if url.startswith("http"))


def test_all_shards_answer_at_one_endpoint(running: Served) -> None:
    with urlopen(metrics_url(running)) as answer:
        told = answer.read().decode()
    for shard in ("shard-0", "shard-1"):
        assert f'umo_engines{{shard="{shard}"}}' in told
        assert f'umo_chunks_total{{fate="taken",shard="{shard}"}}' in told
        assert f'umo_hop_age_seconds_bucket{{le="0.001",ring="frames",shard="{shard}"}}' in told


def test_clients_of_a_killed_gateway_go_on_elsewhere(running: Served) -> None:
    with Client(running.urls[0]) as client, Client(running.urls[0]) as other:
        npc, unhurt = client.open("npc"), other.open("npc")
        for each in (npc, unhurt):
            each.say(np.frombuffer(sine(20.0), "<i2"))
        frames = [npc.receive(5) for _ in range(60)]
        shard = shard_at(running, client._connection._url)
        ready = len(running.told("gateway ready", shard=shard))
        os.kill(running.told("gateway ready", shard=shard)[-1]["process"], signal.SIGKILL)
        at_s = [time.monotonic()]
        for each in (npc, unhurt):
            each.end()
        for frame in npc.frames():
            frames.append(frame)
            at_s.append(time.monotonic())
        assert max(np.diff(at_s)) < BACK_S
        for each in (frames, list(unhurt.frames())):
            check_speech(each, 19.9)
    running.wait_for("gateway ready", count=ready + 1, shard=shard)
    running.wait_for("engine ready", count=2, shard=shard)


def test_nothing_is_left_behind() -> None:
    def processes() -> set[str]:
        names = set()
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().split(b"\0")
            except OSError:
                continue
            if any(b"ray::" in word or b"raylet" in word for word in words[:1]):
                names.add(path.parent.name)
        return names

    before = processes()
    with served("--streams", "2"):
        assert processes() > before
    until_s = time.monotonic() + 15
    while processes() - before:
        assert time.monotonic() < until_s
        time.sleep(0.2)
