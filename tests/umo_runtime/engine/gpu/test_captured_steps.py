from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.engine.gpu.captured_steps import CapturedSteps, batch_sizes


@given(most=st.integers(1, 100_000))
def test_sizes_lie_close_enough_and_end_with_the_largest(most: int) -> None:
    sizes = batch_sizes(most)
    assert sizes[0] == 1 and sizes[-1] == most and sizes == sorted(set(sizes))
    assert all(large <= 4 * small for small, large in pairwise(sizes))
    assert all(large <= 2 * small for small, large in pairwise(sizes[-3:]))


def test_some_sizes() -> None:
    assert batch_sizes(64) == [1, 4, 16, 32, 64]
    assert batch_sizes(6) == [1, 2, 3, 6]


def test_every_size_is_tried_first_the_largest_before_all() -> None:
    ran: list[int] = []
    steps = CapturedSteps(ran.append, 6, pool=None)
    assert ran == [6, 3, 2, 1]
    assert [steps.size_for(count) for count in range(1, 7)] == [1, 2, 3, 6, 6, 6]
    steps(3)
    assert ran[4:] == [3]
