import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from umo_runtime.engine.gpu.device_graph import TensorType
from umo_runtime.engine.gpu.staging import Staging

ABOVE = {"a": TensorType(torch.float32, (3,)), "b": TensorType(torch.int64, ())}
BELOW = {"c": TensorType(torch.float32, ()), "d": TensorType(torch.float32, (2, 2))}
MOST_ABOVE, MOST_BELOW = 9, 5


@settings(max_examples=30)
@given(above=st.integers(1, MOST_ABOVE), below=st.integers(1, MOST_BELOW))
@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def test_what_the_host_writes_is_what_the_device_reads(device: str, above: int, below: int) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    staging = Staging(ABOVE, MOST_ABOVE, torch.device(device), BELOW, MOST_BELOW)
    given_ = {**staging.arrays(above), **staging.arrays(below, below=True)}
    for number, array in enumerate(given_.values()):
        array[...] = 100 * number + np.arange(array.size).reshape(array.shape)
    staging.send(above, below)
    tensors = {**staging.tensors(above), **staging.tensors(below, below=True)}
    for number, (name, array) in enumerate(given_.items()):  # none overlaps another
        assert array.shape == (above if name in ABOVE else below, *({**ABOVE, **BELOW}[name].shape))
        expected = 100 * number + np.arange(array.size).reshape(array.shape)
        np.testing.assert_array_equal(tensors[name].cpu().numpy(), expected)
        tensors[name].zero_()
    staging.fetch(above, below)
    assert not any(array.any() for array in given_.values())


def test_addresses_depend_on_the_size_alone() -> None:
    staging = Staging(ABOVE, MOST_ABOVE, torch.device("cpu"), BELOW, MOST_BELOW)
    for below in (False, True):
        one, two = (staging.tensors(4, below=below) for _ in range(2))
        assert [x.data_ptr() for x in one.values()] == [x.data_ptr() for x in two.values()]
        assert all(x.data_ptr() % 4 == 0 for x in one.values())
