import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.umo_runtime.export.tiny_bundle import TinyBundle
from tests.umo_runtime.predictor.tiny_networks import TINY
from umo_runtime.config import FORMAT_VERSION
from umo_runtime.engine import Engine
from umo_runtime.engine.weights import NETWORK_NAMES, bundled_folder, load_weights
from umo_runtime.errors import WeightsError
from umo_runtime.tokenizer.pose import POSE_DIM

FILES = ("manifest.json", "tokenizer.onnx", "predictor.onnx", "interpolator.onnx", "text.json")


@pytest.fixture
def folder(bundle: TinyBundle, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(bundle.folder, tmp_path / "weights"))


def _assert_refused(folder: Path, message: str) -> None:
    with pytest.raises(WeightsError, match=message) as info:
        Engine(folder)
    assert "\n" not in str(info.value)
    assert "reinstall" in str(info.value)  # every message says what to do


def _edit(folder: Path, change: Callable[[Any], Any]) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    changed = change(manifest)
    path.write_text(json.dumps(manifest if changed is None else changed))


def test_a_good_folder_is_read_whole(bundle: TinyBundle) -> None:
    weights = load_weights(bundle.folder)
    assert weights.model == TINY
    assert weights.rest_pose.shape == (POSE_DIM,)
    assert weights.rest_pose.dtype == np.float32
    assert tuple(weights.networks) == NETWORK_NAMES
    codes = weights.networks["predictor"].state[1].initial
    motion = bundle.networks.predictor.motion
    np.testing.assert_array_equal(codes, motion.encode(motion.rest))
    assert codes.dtype == np.int64


def test_the_bundled_folder_lies_in_the_package() -> None:
    assert bundled_folder().parts[-2:] == ("umo_runtime", "weights")


def test_no_folder(tmp_path: Path) -> None:
    _assert_refused(tmp_path / "nowhere", "no weights in .*nowhere .*--weights")


def test_a_file_instead_of_a_folder(folder: Path) -> None:
    _assert_refused(folder / "text.json", "no weights in")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    _assert_refused(folder, "weights")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_truncated_file(folder: Path, name: str, share: float) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: int(share * len(content))])
    _assert_refused(folder, name)


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith("onnx")])
def test_one_wrong_bit(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    _assert_refused(folder, rf"{name} is corrupted \(wrong checksum\)")


def test_another_format(folder: Path) -> None:
    _edit(folder, lambda manifest: manifest.update(format=99))
    _assert_refused(folder, f"holds weights of format 99, this version reads {FORMAT_VERSION}")


@pytest.mark.parametrize("key", ["format", "model", "rest_pose", "networks"])
def test_a_manifest_without_a_key(folder: Path, key: str) -> None:
    _edit(folder, lambda manifest: manifest.pop(key) and None)
    _assert_refused(folder, rf"manifest\.json is corrupted .*{key}")


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_a_manifest_without_a_network(folder: Path, name: str) -> None:
    _edit(folder, lambda manifest: manifest["networks"].pop(name) and None)
    _assert_refused(folder, rf"manifest\.json is corrupted .*{name}")


@pytest.mark.parametrize("key", ["sha256", "inputs", "outputs", "state", "rings"])
def test_a_network_without_a_key(folder: Path, key: str) -> None:
    _edit(folder, lambda manifest: manifest["networks"]["predictor"].pop(key) and None)
    _assert_refused(folder, rf"manifest\.json is corrupted .*{key}")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", {"unheard_of": 3}),
        ("model", {"d_model": -1}),
        ("model", [1]),
        ("rest_pose", [0.0, 1.0]),
        ("rest_pose", "flat"),
        ("rest_pose", None),
        ("networks", []),
        ("networks", {"tokenizer": None}),
    ],
)
def test_a_manifest_with_a_wrong_value(folder: Path, key: str, value: Any) -> None:
    _edit(folder, lambda manifest: manifest.update({key: value}))
    _assert_refused(folder, r"manifest\.json is corrupted")


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"3", b"\xff\xfe", b"{"])
def test_a_manifest_that_is_something_else(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    _assert_refused(folder, r"manifest\.json is corrupted")


@pytest.mark.parametrize("kind", ["state", "rings"])
@pytest.mark.parametrize(
    ("key", "value"), [("name", "other"), ("shape", [1, 2]), ("dtype", "float33"), ("initial", [1])]
)
def test_a_state_that_is_not_the_networks(folder: Path, kind: str, key: str, value: Any) -> None:
    _edit(folder, lambda manifest: manifest["networks"]["predictor"][kind][1].update({key: value}))
    _assert_refused(folder, "manifest")


@pytest.mark.parametrize("key", ["inputs", "outputs"])
def test_names_that_are_not_the_networks(folder: Path, key: str) -> None:
    _edit(folder, lambda manifest: manifest["networks"]["tokenizer"].update({key: ["other"]}))
    _assert_refused(folder, "describes other networks than lie beside it")
