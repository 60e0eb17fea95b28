import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.clock import ManualClock, MonotonicClock

PATIENCE_S = 10


def test_the_real_clock_runs_forward() -> None:
    clock = MonotonicClock()
    before = time.monotonic()
    assert before <= clock.now_s() <= clock.now_s() <= time.monotonic()


@pytest.mark.parametrize(("deadline_s", "slept"), [(102.5, [2.5]), (100.0, []), (90.0, [])])
def test_the_real_clock_sleeps_only_to_the_deadline(
    monkeypatch: pytest.MonkeyPatch, deadline_s: float, slept: list[float]
) -> None:
    calls: list[float] = []
    monkeypatch.setattr("umo_runtime.clock.time.monotonic", lambda: 100.0)
    monkeypatch.setattr("umo_runtime.clock.time.sleep", calls.append)
    MonotonicClock().wait_until(deadline_s)
    assert calls == slept


@given(start=st.floats(-1e6, 1e6), moves=st.lists(st.floats(0, 100), max_size=8))
def test_a_manual_clock_moves_by_what_it_is_told(start: float, moves: list[float]) -> None:
    clock, expected = ManualClock(start), start
    for seconds in moves:
        clock.advance(seconds)
        expected += seconds
    assert clock.now_s() == expected
    clock.wait_until(expected)  # passed already: returns at once


def test_waiting_threads_wake_when_their_deadline_has_come_and_not_before() -> None:
    clock = ManualClock()
    woken: dict[int, float] = {}

    def wait(deadline: int) -> None:
        clock.wait_until(deadline)
        woken[deadline] = clock.now_s()

    threads = {deadline: threading.Thread(target=wait, args=(deadline,)) for deadline in (1, 2, 3)}
    for thread in threads.values():
        thread.start()
    clock.advance(0.5)
    assert not woken
    for thread in threads.values():
        clock.advance(1.0)  # half a second past its deadline
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    assert woken == {1: 1.5, 2: 2.5, 3: 3.5}


def test_advances_from_many_threads_all_count() -> None:
    clock = ManualClock()

    def push() -> None:
        for _ in range(200):
            clock.advance(0.25)

    threads = [threading.Thread(target=push) for _ in range(4)]
    for thread in threads:
        thread.start()
    clock.wait_until(200.0)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert clock.now_s() == 200.0
