"""Several nodes: one is killed, one is drained, shards come with load."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import pytest

from engine_bridge.client import Client
from tests.actors.cluster.served_cluster import Served, check_speech, marks, served, shard_at
from tests.actors.live_character import sine
from umo_runtime.cli.main import main

pytestmark = [*marks(), pytest.mark.filterwarnings("ignore")]  # of Ray, in this process
STORE = 80_000_000


@contextmanager
def nodes(count: int) -> Iterator[Any]:
    """A head without room for shards, and nodes with room for one each."""
    from ray.cluster_utils import Cluster

    os.environ.setdefault("RAY_worker_niceness", "0")
    cluster = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": 0,
            "include_dashboard": False,
            "object_store_memory": STORE,
        },
    )
    try:
        for _ in range(count):
            cluster.add_node(num_cpus=2, object_store_memory=STORE)
        yield cluster
    finally:
        cluster.shutdown()


def node_of(running: Served, shard: str) -> str:
    return str(running.told("gateway ready", shard=shard)[-1]["node"])


def speak(client: Client, seconds: float) -> Any:
    npc = client.open("npc")
    npc.say(np.frombuffer(sine(seconds), "<i2"))
    return npc


def test_a_killed_node_is_replaced_and_others_lose_nothing() -> None:
    with ExitStack() as stack:
        cluster = stack.enter_context(nodes(3))
        running = stack.enter_context(
            served("--address", cluster.address, "--shards", "2", "--streams", "4")
        )
        for shard in ("shard-0", "shard-1"):
            running.wait_for("engine ready", count=2, shard=shard)
        hurt, unhurt = (stack.enter_context(Client(running.urls[0])) for _ in range(2))
        npcs = [speak(client, 15.0) for client in (hurt, unhurt)]
        before = [npcs[0].receive(5) for _ in range(60)]
        shard = shard_at(running, hurt._connection._url)
        home = node_of(running, shard)
        ready = len(running.told("gateway ready", shard=shard))
        (node,) = (each for each in cluster.list_all_nodes() if each.node_id == home)
        cluster.remove_node(node, allow_graceful=False)
        for npc in npcs:
            npc.end()
        frames = [*before, *npcs[0].frames()]
        for each in (frames, list(npcs[1].frames())):
            check_speech(each, 14.9)
        running.wait_for("gateway ready", count=ready + 1, within_s=60, shard=shard)
        assert node_of(running, shard) != home  # it came back on the third


def test_a_drained_node_is_empty_in_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    with ExitStack() as stack:
        cluster = stack.enter_context(nodes(2))
        running = stack.enter_context(
            served("--address", cluster.address, "--shards", "1:2", "--streams", "4")
        )
        client = stack.enter_context(Client(running.urls[0]))
        npc = speak(client, 3.0)
        shard = shard_at(running, client._connection._url)
        home = node_of(running, shard)
        assert main(["drain", home[:12], "--address", cluster.address]) == 0
        assert "1 shard(s) will be closed" in capsys.readouterr().out
        director = running.told("director ready")[-1]["process"]
        os.kill(director, signal.SIGKILL)  # the next one knows which node is to be empty
        running.wait_for("director ready", count=2)
        running.wait_for("gateway ready", count=2)  # one on the other node
        npc.end()
        assert len(list(npc.frames())) > 80  # who speaks stays
        assert not running.told("shard closed")
        with Client(running.urls[0]) as newcomer:
            assert shard_at(running, newcomer._connection._url) != shard
        npc.close()
        running.wait_for("shard closed", shard=shard)


def test_shards_come_before_anybody_is_refused() -> None:
    with served("--shards", "1:2", "--streams", "4") as running:
        with Client(running.urls[0]) as client:
            for number in range(4):
                client.open(f"npc {number}")
            running.wait_for("gateway ready", shard="shard-1")
            running.wait_for("engine ready", shard="shard-1")
            with Client(running.urls[0]) as second:
                assert shard_at(running, second._connection._url) == "shard-1"
                second.open("npc")
        os.kill(running.process.pid, signal.SIGINT)
        assert running.process.wait(20) == 0
