import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.channel import Channel, ChannelClosed, Policy
from umo_runtime.clock import ManualClock
from umo_runtime.errors import ConfigError


def test_items_come_in_order_and_the_end_follows_the_last() -> None:
    channel: Channel[int] = Channel(3)
    for item in range(3):
        channel.put(item)
    channel.close()
    assert list(channel) == [0, 1, 2]
    with pytest.raises(ChannelClosed):
        channel.get()
    with pytest.raises(ChannelClosed):
        channel.put(3)


def test_a_batch_is_what_waits_up_to_its_limit() -> None:
    channel: Channel[int] = Channel(9)
    for item in range(5):
        channel.put(item)
    assert channel.get_batch(3) == [0, 1, 2]
    assert channel.get_batch(3) == [3, 4]


def test_it_ends_with_its_last_writer() -> None:
    channel: Channel[int] = Channel(9, writers=2)
    channel.close()
    channel.put(1)
    channel.close()
    assert list(channel) == [1]


def test_an_empty_channel_times_out() -> None:
    with pytest.raises(TimeoutError, match="no item"):
        Channel[int](1).get(timeout_s=0.0)


def test_capacity_must_be_positive() -> None:
    with pytest.raises(ConfigError, match="capacity is 0"):
        Channel[int](0)


def test_block_makes_a_writer_wait_for_the_reader() -> None:
    channel: Channel[int] = Channel(2)
    writer = threading.Thread(target=lambda: [channel.put(item) for item in range(100)])
    writer.start()
    assert [channel.get(timeout_s=5) for _ in range(100)] == list(range(100))
    writer.join()
    assert channel.stats().dropped == 0


@pytest.mark.parametrize("policy", ["block", "drop_oldest"])
def test_cancel_wakes_writer_and_reader(policy: Policy) -> None:
    full: Channel[int] = Channel(1, policy)
    empty: Channel[int] = Channel(1, policy)
    full.put(0)
    ended = []

    def until_closed(work: object) -> None:
        try:
            while True:
                work()  # type: ignore[operator]
        except ChannelClosed:
            ended.append(work)

    threads = [
        threading.Thread(target=until_closed, args=(work,))
        for work in (lambda: full.put(1), lambda: empty.get())
    ]
    for thread in threads:
        thread.start()
    full.cancel()
    empty.cancel()
    for thread in threads:
        thread.join(timeout=5)
    assert len(ended) == 2
    assert full.stats().depth == 0


@given(
    actions=st.lists(st.integers(0, 4), max_size=60),
    capacity=st.integers(1, 5),
)
def test_drop_oldest_accounts_for_every_item(actions: list[int], capacity: int) -> None:
    """0 takes a batch, 1 to 4 put that many."""
    channel: Channel[int] = Channel(capacity, "drop_oldest")
    taken: list[int] = []
    count = 0
    for action in actions:
        if action == 0 and channel.stats().depth:
            taken += channel.get_batch(2)
        for _ in range(action):
            channel.put(count)
            count += 1
        stats = channel.stats()
        assert stats.put == count == stats.taken + stats.dropped + stats.depth
        assert stats.taken == len(taken)
        assert stats.depth <= capacity
    assert taken == sorted(taken)
    channel.close()
    rest = list(channel)
    assert rest == list(range(count - len(rest), count))  # the newest are never the ones dropped


def test_cancelled_items_count_as_dropped() -> None:
    channel: Channel[int] = Channel(4)
    channel.put(1)
    channel.put(2)
    channel.cancel()
    stats = channel.stats()
    assert (stats.put, stats.taken, stats.dropped, stats.depth) == (2, 0, 2, 0)


def test_it_tells_the_age_of_the_newest_item() -> None:
    clock = ManualClock()
    channel: Channel[str] = Channel(4, clock=clock)
    assert channel.stats().newest_age_s is None
    channel.put("old")
    clock.advance(1.0)
    channel.put("new")
    clock.advance(0.25)
    assert channel.stats().newest_age_s == 0.25
