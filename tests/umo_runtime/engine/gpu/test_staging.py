import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from umo_runtime.engine.gpu.device_graph import TensorType
from umo_runtime.engine.gpu.staging import Staging

TYPES = {
    "a": TensorType(torch.float32, (3,)),
    "b": TensorType(torch.int64, ()),
    "c": TensorType(torch.float32, (2, 2)),
}
MOST = 9


@settings(max_examples=30)
@given(size=st.integers(1, MOST))
@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def test_what_the_host_writes_is_what_the_device_reads(device: str, size: int) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    staging = Staging(TYPES, MOST, torch.device(device))
    for number, array in enumerate(staging.arrays(size).values()):
        array[...] = 100 * number + np.arange(array.size).reshape(array.shape)
    staging.send(size)
    tensors = staging.tensors(size)
    for number, (name, array) in enumerate(staging.arrays(size).items()):  # none overlaps another
        assert array.shape == (size, *TYPES[name].shape)
        expected = 100 * number + np.arange(array.size).reshape(array.shape)
        np.testing.assert_array_equal(tensors[name].cpu().numpy(), expected)


def test_addresses_depend_on_the_size_alone() -> None:
    staging = Staging(TYPES, MOST, torch.device("cpu"))
    one, two = (staging.tensors(4) for _ in range(2))
    assert [x.data_ptr() for x in one.values()] == [x.data_ptr() for x in two.values()]
    assert all(x.data_ptr() % 4 == 0 for x in one.values())
