import pytest

from umo_runtime.engine.onnxruntime_backend import OnnxRuntimeBackend
from umo_runtime.engine.weights import NetworkFile
from umo_runtime.errors import WeightsError


def test_content_that_is_no_network() -> None:
    file = NetworkFile(b"no such network", (), (), (), ())
    with pytest.raises(WeightsError, match=r"cannot load a network .*; run: pip install") as info:
        OnnxRuntimeBackend(file, capacity=1, threads=1)
    assert "\n" not in str(info.value)
