import hashlib
import json
from typing import Any

import numpy as np
import pytest
import torch

from tests.umo_runtime.export.tiny_bundle import STEPS, TinyBundle
from tests.umo_runtime.predictor.tiny_networks import TINY
from umo_runtime.engine import weights
from umo_runtime.export.manifest import FORMAT_VERSION, MANIFEST_NAME


@pytest.fixture
def manifest(bundle: TinyBundle) -> Any:
    return json.loads((bundle.folder / MANIFEST_NAME).read_text())


def test_engine_and_export_speak_of_the_same_format() -> None:
    """They may not import one another, so each has the constants."""
    assert FORMAT_VERSION == weights.FORMAT_VERSION
    assert MANIFEST_NAME == weights.MANIFEST_NAME


def test_head(manifest: Any) -> None:
    assert set(manifest) == {"format", "model", "rest_pose", "networks", "card"}
    assert manifest["format"] == FORMAT_VERSION
    assert manifest["model"] == TINY.as_dict()
    assert manifest["card"] == {"steps": STEPS}


def test_rest_pose_is_the_pose_of_the_first_codes(manifest: Any, bundle: TinyBundle) -> None:
    motion = bundle.networks.predictor.motion
    expected = motion(motion.encode(motion.rest))
    np.testing.assert_allclose(manifest["rest_pose"], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "inputs", "outputs"),
    [
        ("tokenizer", ["windows"], ["codes", "features"]),
        ("predictor", ["audio", "text", "controls", "uniforms"], ["pose"]),
        (
            "interpolator",
            ["previous", "following", "phase", "features", "controls"],
            ["rotations", "root_position", "blendshapes"],
        ),
    ],
)
def test_every_network_is_described(
    manifest: Any, bundle: TinyBundle, name: str, inputs: list[str], outputs: list[str]
) -> None:
    described = manifest["networks"][name]
    content = (bundle.folder / f"{name}.onnx").read_bytes()
    assert described["sha256"] == hashlib.sha256(content).hexdigest()
    assert described["inputs"] == inputs
    assert described["outputs"] == outputs


def test_states_are_the_initial_states_of_the_networks(manifest: Any, bundle: TinyBundle) -> None:
    networks = bundle.networks
    predictor, motion = networks.predictor, networks.predictor.motion
    position, _ = predictor.initial_state(1)
    expected = {
        "tokenizer": (networks.tokenizer.initial_state(1), ()),
        "predictor": ((position, motion.encode(motion.rest)[None]), predictor.initial_rings(1)),
        "interpolator": (networks.interpolator.initial_state(1), ()),
    }
    assert set(manifest["networks"]) == set(expected)
    for name, (state, rings) in expected.items():
        _assert_described(manifest["networks"][name]["state"], state, "state")
        _assert_described(manifest["networks"][name]["rings"], rings, "ring")


def _assert_described(described: Any, parts: tuple[torch.Tensor, ...], kind: str) -> None:
    assert [part["name"] for part in described] == [f"{kind}_{n}" for n in range(len(parts))]
    for told, part in zip(described, parts, strict=True):
        assert told["shape"] == list(part.shape[1:])
        assert told["dtype"] == str(part.numpy().dtype)
        initial = told["initial"] or [0] * part.numel()
        torch.testing.assert_close(torch.tensor(initial, dtype=part.dtype), part.flatten())


def test_zeros_are_not_written_out(manifest: Any) -> None:
    rings = manifest["networks"]["predictor"]["rings"]
    assert len(rings) == 2 * TINY.num_layers
    assert all(ring["initial"] is None for ring in rings)
