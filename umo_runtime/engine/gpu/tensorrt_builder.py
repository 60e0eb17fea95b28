"""TensorRT engines from ONNX files. No GPU is needed where the library is the one for RTX cards."""

from collections.abc import Callable

from umo_runtime.engine.gpu.tensorrt_library import new_logger, strongly_typed, tensorrt
from umo_runtime.errors import WeightsError

REVISION = 1  # to be raised when the same network is to become another engine


def build_engine(
    content: bytes, max_batch: int, report: Callable[[str], None], tf32: bool = False
) -> bytes:
    """Compile a network.

    Args:
        content: the ONNX file; its only dynamic axis is the batch, the first of every input.
        max_batch: the largest batch; the engine is tuned for it and takes any from 1.
        report: told what is done next; an engine takes seconds to minutes.
        tf32: whether matrix products of float32 may round their operands to 10 bits of mantissa.

    Raises:
        MissingExtraError: TensorRT is not installed.
        WeightsError: it cannot compile the network.
    """
    report("reading")
    build = Build(content, max_batch, tf32)
    report(f"compiling {build.network.num_layers} layers")
    return build.run()


class Build:
    """A network that has been read.

    Args:
        content: see `build_engine`.
        max_batch: see there.
        tf32: see there.

    Attributes:
        network: as the library describes it.
        profile: its batch sizes.
        config: how it is to be compiled.

    Raises:
        MissingExtraError: TensorRT is not installed.
        WeightsError: it cannot read the network.
    """

    def __init__(self, content: bytes, max_batch: int, tf32: bool) -> None:
        self._library = tensorrt()
        self._logger = new_logger(self._library)
        self._builder = self._library.Builder(self._logger)
        self.network = self._builder.create_network(strongly_typed(self._library))
        self.profile = self._builder.create_optimization_profile()
        self.config = self._builder.create_builder_config()
        self._parse(content)
        self._configure(max_batch, tf32)

    def run(self) -> bytes:
        """Compile it.

        Raises:
            WeightsError: it cannot be compiled.
        """
        engine = self._builder.build_serialized_network(self.network, self.config)
        if engine is None:
            raise self._failure("compile", self._logger.last_error)
        return bytes(engine)

    def _parse(self, content: bytes) -> None:
        parser = self._library.OnnxParser(self.network, self._logger)
        if not parser.parse(content):
            error = parser.get_error(0)
            raise self._failure("read", f"{error.node_operator()} {error.desc()}")

    def _configure(self, max_batch: int, tf32: bool) -> None:
        flags = self._library.BuilderFlag
        if not tf32:
            self.config.clear_flag(flags.TF32)
        for at in range(self.network.num_inputs):
            tensor = self.network.get_input(at)
            one, most = ((batch, *tuple(tensor.shape)[1:]) for batch in (1, max_batch))
            self.profile.set_shape(tensor.name, one, most, most)
        self.config.add_optimization_profile(self.profile)

    def _failure(self, do: str, reason: str) -> WeightsError:
        name, reason = self._library.__name__, " ".join(reason.split()) or "no reason given"
        return WeightsError(f"{name} cannot {do} a network ({reason}); use the torch backend")
