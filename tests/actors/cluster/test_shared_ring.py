import os
import signal
import threading
import time
from multiprocessing import get_context

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.cluster.shared_ring import RingFullError, RingStats, SharedRing
from umo_runtime.errors import ConfigError

pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="needs Linux")

POLICIES = st.sampled_from(["block", "drop_oldest"])
# Sizes of records that are put, or None: one is taken.
MOVES = st.lists(st.one_of(st.integers(0, 200), st.none()), max_size=60)


def other_end(ring: SharedRing) -> SharedRing:
    return SharedRing(*map(os.dup, ring.descriptors))


def balanced(stats: RingStats) -> bool:
    return stats.put == stats.taken + stats.dropped + stats.depth


@given(MOVES, POLICIES, st.integers(300, 900))
def test_records_come_whole_and_in_order_and_are_all_counted(moves, policy, capacity):  # type: ignore[no-untyped-def]
    with SharedRing.create(capacity, policy) as writer, other_end(writer) as reader:
        put, taken = [], []
        for move in moves:
            if move is None:
                record = reader.take()
                taken += [record.data] if record else []
                continue
            data = bytes([len(put) % 256]) * move
            try:
                writer.put(data, count=3)
                put.append(data)
            except RingFullError:
                assert policy == "block"
        stats = writer.stats()
        assert balanced(stats) and stats.put == 3 * len(put) and stats.taken == 3 * len(taken)
        taken += [record.data for record in reader.take_all()]
        after = reader.stats()
        assert after.depth == 0 and balanced(after)
        if policy == "block":
            assert taken == put and after.dropped == 0
        else:
            waiting = iter(put)
            assert all(data in waiting for data in taken)  # some are missing, none moved
            assert after.dropped == 3 * (len(put) - len(taken))
            assert not put or taken[-1] == put[-1]


def test_a_writer_waits_for_room() -> None:
    with SharedRing.create(256) as ring:
        ring.put(bytes(200))
        with pytest.raises(RingFullError, match=r"took nothing for 0\.02 s"):
            ring.put(bytes(200), timeout_s=0.02)
        taker = threading.Timer(0.02, ring.take)
        taker.start()
        ring.put(b"next", timeout_s=5.0)
        taker.join()
        assert ring.stats().depth == 1


def test_what_can_never_fit_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least 64"):
        SharedRing.create(10)
    with SharedRing.create(128) as ring, pytest.raises(ConfigError, match="has 129 bytes"):
        ring.put(bytes(129))


def test_the_bell_rings_until_all_is_taken() -> None:
    with SharedRing.create(1024) as ring:
        assert not ring.wait(0.0)
        ring.put(b"one")
        ring.put(b"two")
        assert ring.wait(0.0)
        assert [record.data for record in ring.take_all()] == [b"one", b"two"]
        assert not ring.wait(0.0)


def test_ages_are_counted() -> None:
    with SharedRing.create(1024) as ring:
        ring.put(b"old")
        time.sleep(0.02)
        record = ring.take()
        assert record is not None and 0.02 <= record.age_s < 1
        stats = ring.stats()
        assert stats.records == sum(stats.ages) == 1
        assert stats.age_sum_s == pytest.approx(record.age_s)
        assert stats.ages[:6] == (0,) * 6


def _pour(ring_fds: tuple[int, int]) -> None:
    ring = SharedRing(*ring_fds)
    number = 0
    while True:
        ring.put(number.to_bytes(8, "little") * (number % 50))
        number += 1


def test_what_a_killed_writer_had_put_is_whole() -> None:
    with SharedRing.create(4096, "drop_oldest") as ring:
        process = get_context("fork").Process(target=_pour, args=(ring.descriptors,), daemon=True)
        process.start()
        assert process.pid is not None
        numbers, until_s = [], time.monotonic() + 0.3
        while True:
            record = ring.take()
            if record is not None and record.data:
                number = int.from_bytes(record.data[:8], "little")
                assert record.data == number.to_bytes(8, "little") * (number % 50)
                numbers.append(number)
            if time.monotonic() > until_s and process.exitcode is None:
                os.kill(process.pid, signal.SIGKILL)
                process.join()
            elif record is None and process.exitcode is not None:
                break
        assert numbers == sorted(set(numbers)) and len(numbers) > 100
        assert balanced(ring.stats()) and ring.stats().depth == 0
