from pathlib import Path

import numpy as np
import pytest
import soundfile

from umo_runtime.blendshapes import BLENDSHAPE_INDEX
from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora import facegood
from umo_runtime.training.corpora.facegood import read_capture, read_facegood

CHANNELS = sorted({name for mixture in facegood._MIXTURES.values() for name in mixture})


def _write(folder: Path, name: str, columns: dict[str, float], frames: int = 60) -> None:
    """Channels that rise from an offset of 0.1 to the given values."""
    values = np.zeros((frames, len(CHANNELS)), np.float32)
    for channel, top in columns.items():
        values[:, CHANNELS.index(channel)] = np.where(np.arange(frames) < 30, 0.1, 0.1 + top)
    np.savez(folder / f"{name}.npz", blendshapes=values, channels=np.array(CHANNELS))
    soundfile.write(folder / f"{name}.flac", np.zeros(48_000 * 3), 48_000)


def test_capture_is_mapped_with_its_rest_removed(tmp_path: Path) -> None:
    _write(tmp_path, "2_01", {"mouth_stretch_c": 0.5, "mouth_pucker_l": 0.4, "mouth_oh_c": 1.0})
    capture = read_capture(tmp_path, "2_01")
    first, last = capture.blendshapes[0], capture.blendshapes[-1]
    assert not first.any()
    assert last[BLENDSHAPE_INDEX["jawOpen"]] == pytest.approx(0.8)
    assert last[BLENDSHAPE_INDEX["mouthPucker"]] == pytest.approx(0.2)
    assert last[BLENDSHAPE_INDEX["mouthFunnel"]] == pytest.approx(0.8)
    observed = [BLENDSHAPE_INDEX[name] for name in ("jawOpen", "mouthPucker", "mouthFunnel")]
    assert sorted(np.flatnonzero(capture.observed)) == sorted(observed)


def test_sound_and_face_are_cut_to_the_same_length(tmp_path: Path) -> None:
    _write(tmp_path, "2_01", {"mouth_stretch_c": 0.5}, frames=61)
    capture = read_capture(tmp_path, "2_01")
    assert capture.blendshapes.shape == (61, 52)
    assert -(-len(capture.samples) * 30 // 16_000) == 61


def test_splits(tmp_path: Path) -> None:
    for name in ("2_01", "2_04", "2_05"):
        _write(tmp_path, name, {"mouth_stretch_c": 0.5})
    assert [capture.name for capture in read_facegood(tmp_path)] == ["facegood-2_01"]
    assert [capture.name for capture in read_facegood(tmp_path, "test")] == ["facegood-2_04"]


def test_blind_missing_and_broken_recordings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="blind"):
        read_capture(tmp_path, "3_16")
    with pytest.raises(CorpusError, match="holds no train recording"):
        list(read_facegood(tmp_path))
    (tmp_path / "2_01.npz").write_bytes(b"garbage")
    with pytest.raises(CorpusError, match="is missing"):
        read_capture(tmp_path, "2_01")
    soundfile.write(tmp_path / "2_01.flac", np.zeros(1600), 16_000)
    with pytest.raises(CorpusError, match="not a FACEGOOD capture"):
        read_capture(tmp_path, "2_01")


def test_unknown_channels_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "2_01.flac", np.zeros(1600), 16_000)
    np.savez(tmp_path / "2_01.npz", blendshapes=np.zeros((3, 1)), channels=np.array(["odd"]))
    with pytest.raises(CorpusError, match="lacks channels"):
        read_capture(tmp_path, "2_01")


@pytest.mark.data
def test_real_capture(data_root: Path) -> None:
    capture = read_capture(data_root / "face" / "facegood", "2_01")
    jaw = capture.blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]]
    assert capture.observed.sum() >= 10
    assert np.percentile(jaw, 5) == 0
    assert 0.4 < jaw.max() < 1
