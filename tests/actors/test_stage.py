from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from actors.stage import rounds, run_stage


@dataclass(frozen=True)
class Item:
    stream: str
    number: int


class Doubling:
    def __init__(self) -> None:
        self.calls: list[int] = []

    def process(self, items: Sequence[int]) -> list[int]:
        self.calls.append(len(items))
        return [2 * item for item in items]

    def reset(self, stream: str) -> None:
        pass


def test_run_stage_feeds_batches_and_gathers_outputs() -> None:
    stage = Doubling()
    assert run_stage(stage, [1, 2, 3, 4, 5], batch=2) == [2, 4, 6, 8, 10]
    assert stage.calls == [2, 2, 1]


@given(streams=st.lists(st.sampled_from("abc"), max_size=30))
def test_rounds_keep_order_and_take_each_stream_once(streams: list[str]) -> None:
    items = [Item(stream, number) for number, stream in enumerate(streams)]
    batches = list(rounds(items))
    for batch in batches:
        assert len({item.stream for item in batch}) == len(batch) > 0
    flat = [item for batch in batches for item in batch]
    assert len(flat) == len(items)
    for stream in set(streams):
        numbers = [item.number for item in flat if item.stream == stream]
        assert numbers == sorted(numbers)
