import pytest
import torch

from tests.umo_runtime.predictor.tiny_networks import (
    TINY,
    tiny_interpolator,
    tiny_predictor,
    tiny_tokenizer,
)
from umo_runtime.config import NUM_REGIONS
from umo_runtime.export.networks import (
    NetworkSpec,
    interpolator_spec,
    predictor_spec,
    tokenizer_spec,
)

REST_CODES = torch.arange(NUM_REGIONS * TINY.motion_levels).view(NUM_REGIONS, -1)
SPECS = (
    tokenizer_spec(tiny_tokenizer()),
    predictor_spec(tiny_predictor(), REST_CODES),
    interpolator_spec(tiny_interpolator(), TINY.audio_channels),
)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_step_takes_its_example_and_returns_what_it_names(spec: NetworkSpec) -> None:
    results = spec.step(*spec.example())
    assert len(results) == len(spec.output_names)
    assert len(spec.example()) == len(spec.input_names)
    batch = {len(part) for part in (*spec.example(), *results)}
    assert len(batch) == 1
    # A step replaces a state, and one step of a ring.
    kept = (*spec.state, *(ring[:, :, 0] for ring in spec.rings))
    for part, initial in zip(results[len(spec.outputs) :], kept, strict=True):
        assert part.shape[1:] == initial.shape[1:]
        assert part.dtype == initial.dtype


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_examples_leave_only_the_batch_to_be_dynamic(spec: NetworkSpec) -> None:
    batch = len(spec.example()[0])
    assert batch > 1  # the exporter takes an axis of 1 for a constant


def test_predictor_streams_start_at_the_given_codes() -> None:
    position, codes = SPECS[1].state
    assert position.tolist() == [0]
    assert torch.equal(codes[0], REST_CODES)
