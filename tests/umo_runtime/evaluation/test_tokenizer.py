from pathlib import Path

import numpy as np
import pytest
import torch

from tests.umo_runtime.evaluation.test_keyframes import SWING
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.config import ModelConfig
from umo_runtime.errors import WeightsError
from umo_runtime.evaluation.tokenizer import (
    load_tokenizer,
    mean_pose_figures,
    poses,
    reconstruction_figures,
    tokenizer_figures,
)
from umo_runtime.skeleton import Region
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.tokenizer.pose import POSE_DIM, REGION_SLICES
from umo_runtime.training.corpora.utterance import FacePerformance
from umo_runtime.types import FloatArray

SIZES = {"motion_hidden": 16, "motion_levels": 2, "motion_codes": 8, "code_dim": 4}


@pytest.fixture
def tracks() -> list[FloatArray]:
    frames = len(SWING.rotations)
    gaze = np.stack((np.linspace(-0.2, 0.2, frames), np.zeros(frames)), axis=1)
    blendshapes = np.zeros((frames, NUM_BLENDSHAPES), np.float32)
    face = FacePerformance(blendshapes, np.ones(frames, np.float32), gaze.astype(np.float32))
    return poses([SWING], [face])


@pytest.fixture
def tokenizer(tracks: list[FloatArray]) -> MotionTokenizer:
    torch.manual_seed(0)
    made = MotionTokenizer(ModelConfig(**SIZES))
    made.mean.copy_(torch.from_numpy(tracks[0].mean(axis=0)))
    return made.eval()


def test_a_perfect_tokenizer_loses_nothing(tracks: list[FloatArray]) -> None:
    figures = reconstruction_figures(torch.from_numpy(tracks[0]), [SWING], tracks)
    assert len(figures) == 8
    assert max(figures.values()) < 0.1


def test_an_error_shows_in_its_own_region_only(tracks: list[FloatArray]) -> None:
    wrong = torch.from_numpy(tracks[0].copy())
    wrong[:, REGION_SLICES[Region.ARMS]] += 0.2 * torch.randn(
        len(wrong), tracks[0][:, REGION_SLICES[Region.ARMS]].shape[1]
    )
    figures = reconstruction_figures(wrong, [SWING], tracks)
    assert figures["tokenizer_arms_mm"] > 5
    assert figures["tokenizer_arms_deg"] > 2
    assert figures["tokenizer_trunk_mm"] < 0.1
    assert figures["tokenizer_hands_deg"] < 0.1
    assert figures["tokenizer_gaze_deg"] < 0.1


def test_the_mean_pose_is_wrong_by_the_swing(
    tokenizer: MotionTokenizer, tracks: list[FloatArray]
) -> None:
    figures = mean_pose_figures(tokenizer, [SWING], tracks)
    assert figures["tokenizer_arms_mm"] > 10
    assert figures["tokenizer_trunk_mm"] < 0.1


def test_codebook_use_is_counted(tokenizer: MotionTokenizer, tracks: list[FloatArray]) -> None:
    figures = tokenizer_figures(tokenizer, [SWING], tracks)
    for region in ("trunk", "arms", "hands", "face"):
        for level in (1, 2):
            used = figures[f"codes_used_{region}_{level}"] / 100 * 8
            assert 1 <= figures[f"perplexity_{region}_{level}"] <= used + 1e-6 <= 8 + 1e-6
    assert figures["codes_used_trunk_1"] == 100 / 8  # a trunk that stands still
    assert "codes_used_face_3" not in figures


def test_a_run_is_read_with_its_own_sizes(tmp_path: Path, tokenizer: MotionTokenizer) -> None:
    content = {"step": 3, "network": tokenizer.state_dict()}
    torch.save(content, tmp_path / "motion_tokenizer.pt")
    read = load_tokenizer(tmp_path)
    assert not read.training
    pose = torch.randn(2, POSE_DIM)
    torch.testing.assert_close(read.encode(pose), tokenizer.encode(pose))


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="--run"):
        load_tokenizer(tmp_path)
    (tmp_path / "motion_tokenizer.pt").write_bytes(b"garbage")
    with pytest.raises(WeightsError, match="not a motion tokenizer"):
        load_tokenizer(tmp_path)
