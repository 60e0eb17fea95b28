import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from umo_runtime.engine.gpu.uniforms import Uniforms

ROWS, POSITIONS = 70, 3


@settings(max_examples=20)
@given(row=st.integers(0, ROWS - 1), seed=st.integers(0, 2**32), steps=st.integers(1, 80))
def test_a_streams_numbers_are_those_of_its_seed_in_any_row(
    row: int, seed: int, steps: int
) -> None:
    uniforms, rows = Uniforms(ROWS, POSITIONS), np.array([row])
    uniforms.begin(np.arange(ROWS), range(ROWS))  # neighbours, and somebody before it
    uniforms.take(np.arange(ROWS))
    uniforms.begin(rows, [seed])
    random = np.random.default_rng(seed)
    for at in range(steps):
        company = np.array([row, (row + 1 + at) % ROWS]) if at % 2 else rows
        taken = uniforms.take(company)
        np.testing.assert_array_equal(taken[0], random.random(POSITIONS).astype(np.float32))
