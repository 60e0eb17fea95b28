"""One function of a batch size as a CUDA graph for each size, or as it is on a processor."""

from bisect import bisect_left
from collections.abc import Callable
from functools import partial
from typing import Any

import torch


class CapturedSteps:
    """Runs a step with the next larger one of a few sizes.

    Args:
        run: enqueues the step of a batch size; every time on the same memory.
        most: the largest size.
        pool: memory of the graphs, from `torch.cuda.graph_pool_handle`; None: `run` as it is.
    """

    def __init__(self, run: Callable[[int], None], most: int, pool: Any) -> None:
        self._run = run
        self._sizes = batch_sizes(most)
        self._graphs: dict[int, torch.cuda.CUDAGraph] = {}
        for size in reversed(self._sizes):  # the largest first: the others fit into its memory
            run(size)  # what is made on first use must not be captured
            if pool is not None:
                self._graphs[size] = _capture(partial(run, size), pool)

    def size_for(self, count: int) -> int:
        """Size that a batch of `count` rows runs with."""
        return self._sizes[bisect_left(self._sizes, count)]

    def __call__(self, size: int) -> None:
        """Enqueue the step of one of the sizes."""
        if size in self._graphs:
            self._graphs[size].replay()
        else:
            self._run(size)


def _capture(run: Callable[[], None], pool: Any) -> torch.cuda.CUDAGraph:
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, pool=pool):
        run()
    return graph


def batch_sizes(most: int) -> list[int]:
    """Sizes of which every batch up to the largest runs with the next one, smallest first.

    They lie a factor of 2 apart near the largest, where a row too many costs time, and of 4 below,
    where it costs little and every size has to be prepared: 64 gives 1, 4, 16, 32, 64.
    """
    sizes = [most]
    while sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // (2 if len(sizes) < 3 else 4)))
    return sizes[::-1]
