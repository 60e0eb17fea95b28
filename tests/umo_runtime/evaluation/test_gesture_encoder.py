from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.train_gesture_encoder import FILE, Autoencoder
from tests.umo_runtime.evaluation.bodies import about, body, restless
from umo_runtime.errors import WeightsError
from umo_runtime.evaluation.gesture_encoder import (
    NUM_FEATURES,
    GestureEncoder,
    cut_windows,
    gesture_features,
)
from umo_runtime.skeleton import BONE_INDEX, BONES, REGION_BONES, Region
from umo_runtime.training.corpora.rotations import from_rotation_vector


def test_walking_legs_and_face_are_not_gesture() -> None:
    still, moved = body(40).rotations, body(40).rotations.copy()
    turn = from_rotation_vector(np.array([0.3, 0.4, 0.5], np.float32))
    legs = [bone for bone in BONES if bone.endswith(("Leg", "Foot", "Toes"))]
    for bone in (BONE_INDEX["Hips"], *map(BONES.index, legs), *REGION_BONES[Region.FACE]):
        moved[:, bone] = turn
    np.testing.assert_array_equal(gesture_features(moved), gesture_features(still))


def test_a_leaning_trunk_moves_its_own_features_only() -> None:
    leaning = body(1, {"Spine": about("x", np.array([0.3]))})
    changed = np.flatnonzero(
        gesture_features(leaning.rotations) != gesture_features(body(1).rotations)
    )
    assert 0 < len(changed) <= 6


@pytest.mark.parametrize(("frames", "windows"), [(31, 0), (32, 1), (35, 1), (36, 2), (100, 18)])
def test_windows_are_cut_every_fourth_frame(frames: int, windows: int) -> None:
    assert cut_windows(np.zeros((frames, 2), np.float32)).shape == (windows, 32, 2)


def test_numpy_computes_what_torch_trained(
    encoder: GestureEncoder, autoencoder: Autoencoder
) -> None:
    rotations = restless(60, 0).rotations
    windows = torch.from_numpy(cut_windows(gesture_features(rotations)).swapaxes(1, 2).copy())
    with torch.no_grad():
        expected = autoencoder.encode(windows).numpy() - encoder.arrays["latent_mean"]
    np.testing.assert_allclose(
        encoder.encode(rotations), expected @ encoder.arrays["whitening"], rtol=1e-4, atol=1e-4
    )


def test_a_short_clip_has_no_window(encoder: GestureEncoder) -> None:
    assert encoder.encode(body(20).rotations).shape[0] == 0


def test_the_trained_one_is_there_and_small() -> None:
    encoder = GestureEncoder.load(FILE)
    assert FILE.stat().st_size <= 2**20
    assert encoder.arrays["mean"].shape == (NUM_FEATURES,)
    assert np.isfinite(encoder.encode(restless(100, 0).rotations)).all()


def test_a_missing_or_foreign_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is missing"):
        GestureEncoder.load(tmp_path / "none.npz")
    np.savez(tmp_path / "other.npz", mean=np.zeros(3))
    (tmp_path / "text.npz").write_text("not an archive")
    for name in ("other.npz", "text.npz"):
        with pytest.raises(WeightsError, match="is not a gesture encoder"):
            GestureEncoder.load(tmp_path / name)
