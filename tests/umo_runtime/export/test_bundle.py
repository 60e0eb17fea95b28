from pathlib import Path

import pytest

from tests.umo_runtime.export.tiny_bundle import TinyBundle, write_run
from tests.umo_runtime.predictor.tiny_networks import TINY
from umo_runtime.errors import WeightsError
from umo_runtime.export import bundle as bundle_module
from umo_runtime.export.bundle import export_bundle


def test_a_bundle_is_whole(bundle: TinyBundle) -> None:
    networks = ("tokenizer.onnx", "predictor.onnx", "interpolator.onnx")
    names = {path.name for path in bundle.folder.iterdir()}
    assert names == {*networks, "manifest.json", "text.json"}
    assert bundle.reports == networks
    assert (bundle.folder / "text.json").read_bytes() == (bundle.run / "text.json").read_bytes()


def test_a_missing_vocabulary_is_found_before_the_long_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_module, "export_network", lambda *_: pytest.fail("exported"))
    write_run(tmp_path)
    (tmp_path / "text.json").unlink()
    with pytest.raises(WeightsError, match=r"no vocabulary in .*; train first"):
        export_bundle(tmp_path, TINY, tmp_path / "weights", lambda _: None)


def test_a_run_without_checkpoints_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no checkpoint"):
        export_bundle(tmp_path, TINY, tmp_path / "weights", lambda _: None)
    assert not (tmp_path / "weights").exists()
