"""The compiler is the one that only traces: what it makes runs as it is."""

from functools import partial

import pytest
import torch
from torch._dynamo.utils import counters

from tests.umo_runtime.export.tiny_bundle import TinyBundle
from umo_runtime.engine.gpu.compiled_graph import CompiledGraph
from umo_runtime.engine.gpu.torch_graph import TorchGraph
from umo_runtime.engine.weights import load_weights

CPU = torch.device("cpu")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the compiler's own making
def test_one_trace_of_every_network_serves_all_sizes_of_a_batch(
    bundle: TinyBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend="eager"))
    counters.clear()
    files = load_weights(bundle.folder).networks
    for number, name in enumerate(("tokenizer", "interpolator"), 1):
        graph = TorchGraph(files[name].content, CPU)
        compiled = CompiledGraph(graph)
        assert (compiled.inputs, compiled.outputs) == (graph.inputs, graph.outputs)
        for batch in (3, 1, 2, 5):
            given = {
                key: torch.rand((batch, *kind.shape)).to(kind.dtype)
                for key, kind in graph.inputs.items()
            }
            with torch.inference_mode():
                made, expected = compiled(given.__getitem__), graph(given.__getitem__)
            assert made.keys() == expected.keys()
            for key in expected:
                torch.testing.assert_close(made[key], expected[key], equal_nan=True)
        assert counters["stats"]["unique_graphs"] == number
