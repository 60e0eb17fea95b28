"""How each backend runs the networks on a GPU.

The predictor multiplies in half precision, in which its weights are stored: half the memory of its
rings, and half the time. The sound's spectra and the poses need all of float32.

The interpolator is hundreds of small operators on rotations. TensorRT for RTX spells them out where
they are used, and takes half a minute for every batch size; TorchInductor fuses them within one. It
fails on the predictor's attention (torch 2.11, H100: "unspecified launch failure").
"""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

import torch

from umo_runtime.engine.gpu.compiled_graph import CompiledGraph
from umo_runtime.engine.gpu.device_engine import MOST_DUE, DeviceEngine
from umo_runtime.engine.gpu.device_graph import DeviceGraph
from umo_runtime.engine.gpu.engine_cache import cached_engine
from umo_runtime.engine.gpu.half_precision import half_precision
from umo_runtime.engine.gpu.tensorrt_graph import TensorRtGraph
from umo_runtime.engine.gpu.tensorrt_library import probe
from umo_runtime.engine.gpu.torch_graph import TorchGraph
from umo_runtime.engine.weights import Weights
from umo_runtime.errors import WeightsError

TENSORRT_NETWORKS = ("tokenizer", "predictor")
Report = Callable[[str], None]
_MANY = 2048  # streams for which a minute of compiling pays
_FEWEST = 4  # TensorRT-RTX 1.4 cannot compile kernels of an engine for less


def open_gpu_engine(weights: Weights, capacity: int, backend: str, report: Report) -> DeviceEngine:
    """An engine on the first GPU.

    Args:
        weights: the exported networks.
        capacity: streams at most.
        backend: tensorrt or torch.
        report: told what takes long.

    Raises:
        MissingExtraError: TensorRT is not installed.
        WeightsError: this machine cannot run the networks so.
    """
    if reason := obstacle(backend):
        raise WeightsError(reason)
    torch.backends.cuda.matmul.allow_tf32 = True
    device = torch.device("cuda", torch.cuda.current_device())

    def open_graph(name: str) -> DeviceGraph:
        if backend == "tensorrt" and name in TENSORRT_NETWORKS:
            content, most = _network(weights, name), _most(name, capacity)
            engine = cached_engine(content, most, partial(_report, report, name), tf32=True)
            return TensorRtGraph(engine, device, most)
        graph = TorchGraph(_network(weights, name), device)
        if name == "predictor" or capacity < _MANY or find_spec("triton") is None:
            return graph
        _report(report, name, "compiling for the GPU")
        return CompiledGraph(graph)

    return DeviceEngine(weights, open_graph, capacity, device)


def obstacle(backend: str) -> str | None:
    """Why a backend cannot run on this machine, in one line; None if it can.

    Args:
        backend: tensorrt or torch.
    """
    if not torch.cuda.is_available():
        return "torch finds no GPU; use the onnxruntime backend"
    return probe() if backend == "tensorrt" else None


def build_engines(weights: Weights, capacity: int, report: Report) -> None:
    """Compile with TensorRT what `open_gpu_engine` will find in the cache.

    Args:
        weights: the exported networks.
        capacity: streams at most.
        report: told what takes long.

    Raises:
        MissingExtraError: TensorRT is not installed.
        WeightsError: it cannot compile a network.
    """
    for name in TENSORRT_NETWORKS:
        content, most = _network(weights, name), _most(name, capacity)
        cached_engine(content, most, partial(_report, report, name), tf32=True)


def _network(weights: Weights, name: str) -> bytes:
    content = weights.networks[name].content
    return half_precision(content, torch.float16) if name == "predictor" else content


def _most(name: str, capacity: int) -> int:
    """Rows of the largest batch."""
    return max(_FEWEST, min(capacity, MOST_DUE) if name == "predictor" else capacity)


def _report(report: Report, name: str, what: str) -> None:
    report(f"{name}: {what}")
