"""A stage: one box of the graph as plain Python. Runners decide where and when it runs."""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out")


class Stage(Protocol[In, Out]):
    """Turns items of many streams into items of the next kind.

    Contract of every stage: the output of a stream depends only on that stream's own items and
    their order, never on how they were batched nor on other streams. One thread at a time. What it
    holds is built from plain configuration and networks, so that another process can build it too.
    """

    def process(self, items: Sequence[In]) -> list[Out]:
        """Take what has arrived, of any streams, each stream's items in order.

        Returns:
            Everything that can be made now, each stream's items in order. An item that waits for
            others is kept for a later call.
        """
        ...

    def reset(self, stream: str) -> None:
        """Forget a stream and free what it holds; its next item begins anew. Unknown is fine."""
        ...


class OfStream(Protocol):
    """An item that belongs to a stream."""

    @property
    def stream(self) -> str:
        """Which avatar."""
        ...


Item = TypeVar("Item", bound=OfStream)
X = TypeVar("X")
Y = TypeVar("Y")


def rounds(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Split items into batches in which every stream appears at most once, keeping its order."""
    batches: list[list[Item]] = []
    seen: dict[str, int] = {}
    for item in items:
        turn = seen.get(item.stream, 0)
        seen[item.stream] = turn + 1
        if turn == len(batches):
            batches.append([])
        batches[turn].append(item)
    return iter(batches)


def run_stage(stage: Stage[X, Y], inputs: Sequence[X], batch: int = 1) -> list[Y]:
    """Feed a stage without any runner, for tests and notebooks.

    Args:
        stage: the stage under test.
        inputs: its items in order.
        batch: how many items `process` gets at a time.

    Returns:
        All outputs in order.
    """
    outputs: list[Y] = []
    for start in range(0, len(inputs), batch):
        outputs.extend(stage.process(inputs[start : start + batch]))
    return outputs
