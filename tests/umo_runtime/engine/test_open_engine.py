import sys

import pytest
import torch

from tests.umo_runtime.export.tiny_bundle import TinyBundle
from umo_runtime.engine import Engine
from umo_runtime.engine.open_engine import open_engine
from umo_runtime.errors import ConfigError

no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")


@no_gpu
@pytest.mark.parametrize("backend", ["torch", "tensorrt"])
def test_the_next_backend_that_works_stands_in(bundle: TinyBundle, backend: str) -> None:
    said: list[str] = []
    assert isinstance(open_engine(bundle.folder, 2, backend, said.append), Engine)
    reason = "torch finds no GPU; use the onnxruntime backend"
    refused = ["tensorrt", "torch"][["tensorrt", "torch"].index(backend) :]
    assert said == [f"not using {one}: {reason}" for one in refused]


def test_the_default_needs_nobody_to_stand_in(bundle: TinyBundle) -> None:
    said: list[str] = []
    assert isinstance(open_engine(bundle.folder, 2, "onnxruntime", said.append), Engine)
    assert said == []


@pytest.mark.parametrize("package", ["torch", "onnx"])
def test_a_missing_package_is_named(
    bundle: TinyBundle, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    for name in [name for name in sys.modules if name.startswith("umo_runtime.engine.gpu")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    said: list[str] = []
    assert isinstance(open_engine(bundle.folder, 2, "torch", said.append), Engine)
    assert said == [f"not using torch: {package} is not installed"]


def test_a_backend_that_does_not_exist(bundle: TinyBundle) -> None:
    with pytest.raises(ConfigError, match="backend is 'tpu', not one of tensorrt, torch, onnx"):
        open_engine(bundle.folder, 1, "tpu", print)
