"""An exported network on TensorRT."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from umo_runtime.engine.gpu.device_graph import TensorType
from umo_runtime.engine.gpu.tensorrt_library import deserialize, new_logger, tensorrt
from umo_runtime.errors import WeightsError

DTYPES = {
    "FLOAT": torch.float32,
    "HALF": torch.float16,
    "BF16": torch.bfloat16,
    "INT32": torch.int32,
    "INT64": torch.int64,
    "BOOL": torch.bool,
}
# Of the library for RTX cards: kernels for a batch size are compiled when it is first run, not in
# the background, from where they would come in at any time and never into a captured graph.
_SPECIALISATION = "EAGER"


class TensorRtGraph:
    """Runs an engine on a GPU. Calls must not overlap: they share their working memory.

    The first call with a batch size may compile kernels and allocate; only later ones do nothing
    but enqueue, so a size is run once before it is captured in a CUDA graph.

    Args:
        engine: from `build_engine`; trusted, for it holds machine code.
        device: a GPU.
        max_batch: the largest batch, at most the one that the engine was built for.

    Attributes:
        inputs: what it takes, by name.
        outputs: what it gives, by name.

    Raises:
        MissingExtraError: TensorRT is not installed.
        WeightsError: the engine cannot be run on this machine, or not with this batch.
    """

    def __init__(self, engine: bytes, device: torch.device, max_batch: int) -> None:
        self._library, self._device = tensorrt(), device
        self._logger = new_logger(self._library)
        with torch.cuda.device(device):
            self._runtime, self._engine = deserialize(self._library, self._logger, engine)
            self._config = self._runtime_config()
        self.inputs: Mapping[str, TensorType]
        self.outputs: Mapping[str, TensorType]
        self.inputs, self.outputs = tensor_types(self._library, self._engine)
        self._check(max_batch)
        size = max(self._engine.device_memory_size_v2, 1)  # enough for every batch size
        self._memory = torch.empty(size, dtype=torch.uint8, device=device)
        self._contexts: dict[int, Any] = {}
        self._try()

    def __call__(self, fetch: Callable[[str], Tensor]) -> dict[str, Tensor]:
        """Compute the outputs, by name.

        Args:
            fetch: gives an input [B, ...] by name; asked once each.
        """
        given = {name: fetch(name).contiguous() for name in self.inputs}
        batch = len(next(iter(given.values())))
        results = {
            name: torch.empty((batch, *kind.shape), dtype=kind.dtype, device=self._device)
            for name, kind in self.outputs.items()
        }
        with torch.cuda.device(self._device):
            context = self._context(batch)
            for name, tensor in (given | results).items():
                context.set_tensor_address(name, tensor.data_ptr())
            stream = torch.cuda.current_stream().cuda_stream
            if not context.execute_async_v3(stream):
                raise self._failure("run a network")
        return results

    def _context(self, batch: int) -> Any:
        """What holds the kernels of one batch size."""
        if batch not in self._contexts:
            context = self._engine.create_execution_context(self._config)
            if context is None:
                raise self._failure("prepare a network")
            context.set_device_memory(self._memory.data_ptr(), self._memory.numel())
            for name, kind in self.inputs.items():
                context.set_input_shape(name, (batch, *kind.shape))
            if context.infer_shapes():
                raise self._failure(f"take a batch of {batch}")
            self._contexts[batch] = context
        return self._contexts[batch]

    def _runtime_config(self) -> Any:
        library, config = self._library, self._engine.create_runtime_config()
        strategy = library.ExecutionContextAllocationStrategy.USER_MANAGED
        config.set_execution_context_allocation_strategy(strategy)
        strategies = getattr(library, "DynamicShapesKernelSpecializationStrategy", None)
        if strategies is not None:  # the library for RTX cards, which compiles when it runs
            strategy = getattr(strategies, _SPECIALISATION)
            config.dynamic_shapes_kernel_specialization_strategy = strategy
        return config

    def _try(self) -> None:
        """Run a batch of one, so that a machine that cannot do it says so at once."""
        zeros = {
            name: torch.zeros((1, *kind.shape), dtype=kind.dtype, device=self._device)
            for name, kind in self.inputs.items()
        }
        self(zeros.__getitem__)
        torch.cuda.synchronize(self._device)

    def _check(self, max_batch: int) -> None:
        name = next(iter(self.inputs))
        largest = self._engine.get_tensor_profile_shape(name, 0)[2][0]
        if max_batch > largest:
            raise WeightsError(
                f"an engine for batches up to {largest} was to run {max_batch}; build it for these"
            )

    def _failure(self, do: str) -> WeightsError:
        reason = self._logger.last_error or "no reason given"
        return WeightsError(f"TensorRT cannot {do} ({reason}); use the torch backend")


def tensor_types(library: Any, engine: Any) -> tuple[dict[str, TensorType], dict[str, TensorType]]:
    """What an engine takes and gives, by name."""
    names = [engine.get_tensor_name(at) for at in range(engine.num_io_tensors)]
    types = {
        name: TensorType(
            DTYPES[engine.get_tensor_dtype(name).name],
            tuple(engine.get_tensor_shape(name))[1:],
        )
        for name in names
    }
    taken = {n for n in names if engine.get_tensor_mode(n) == library.TensorIOMode.INPUT}
    return (
        {name: kind for name, kind in types.items() if name in taken},
        {name: kind for name, kind in types.items() if name not in taken},
    )
