from pathlib import Path

import pytest
import torch

from tests.umo_runtime.export.tiny_bundle import TinyBundle
from umo_runtime.engine.gpu.backends import TENSORRT_NETWORKS, build_engines, open_gpu_engine
from umo_runtime.engine.gpu.tensorrt_library import tensorrt
from umo_runtime.engine.weights import bundled_folder, load_weights
from umo_runtime.errors import MissingExtraError, WeightsError


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu(bundle: TinyBundle) -> None:
    with pytest.raises(WeightsError, match="torch finds no GPU; use the onnxruntime backend"):
        open_gpu_engine(load_weights(bundle.folder), 4, "torch", print)


@pytest.mark.slow
@pytest.mark.tensorrt
def test_engines_of_the_bundled_networks_are_built_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        tensorrt()
    except MissingExtraError as error:
        pytest.skip(str(error))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    said: list[str] = []
    for _ in range(2):
        build_engines(load_weights(bundled_folder()), 1024, said.append)
    assert [line.partition(":")[0] for line in said] == [
        name for name in TENSORRT_NETWORKS for _ in ("reading", "compiling")
    ]
    assert len(list((tmp_path / "umo" / "engines").glob("*.engine"))) == len(TENSORRT_NETWORKS)
