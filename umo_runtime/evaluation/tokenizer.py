"""What is lost in motion tokens, and how much of the codebooks is used.

Every frame of held-out motion is coded and decoded, region by region, with the other regions left
as they are. Errors are means over frames and the region's joints. Codebook use is measured on the
same frames; perplexity is 2 to the entropy (in bits) of the codes: as many codes as are there, were
all used equally often. Source: Zeghidour et al., "SoundStream", 2021.
"""

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from umo_runtime.config import ModelConfig
from umo_runtime.errors import WeightsError
from umo_runtime.evaluation.keyframes import angle_deg, joint_distance_mm
from umo_runtime.evaluation.performance import Performance
from umo_runtime.evaluation.splits import librispeech_cases
from umo_runtime.nn.rotation import matrix_from_6d, quaternion_from_matrix
from umo_runtime.skeleton import REGION_BONES, REST_OFFSETS_M, Region
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.tokenizer.pose import BODY_REGIONS, NUM_EXPRESSIONS, REGION_SLICES
from umo_runtime.training.corpora.face_teacher import FaceTeacher
from umo_runtime.training.corpora.utterance import FacePerformance
from umo_runtime.training.pose_track import pose_track
from umo_runtime.types import FloatArray

_CHECKPOINT = "motion_tokenizer.pt"


def load_tokenizer(run: Path) -> MotionTokenizer:
    """Read the motion tokenizer of a run folder that `umo train foundation` filled.

    Raises:
        WeightsError: it is missing, corrupted or of another version.
    """
    path = run / _CHECKPOINT
    if not path.is_file():
        raise WeightsError(f"{path} does not exist; give a run folder of `umo train` with --run")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)["network"]
        levels, codes, dim = state["quantizers.0.codebooks"].shape
        hidden = len(state["encoders.0.0.bias"])
        config = ModelConfig(
            motion_hidden=hidden, motion_levels=levels, motion_codes=codes, code_dim=dim
        )
        tokenizer = MotionTokenizer(config)
        tokenizer.load_state_dict(state)
    except Exception as error:  # torch raises many kinds for a file that it did not write
        reason = " ".join(str(error).split())[:120]
        raise WeightsError(
            f"{path} is not a motion tokenizer of this version ({reason}); train it again"
        ) from error
    return tokenizer.eval()


def measure_tokenizer(
    tokenizer: MotionTokenizer, real: Sequence[Performance], data: Path
) -> dict[str, dict[str, float]]:
    """Figures of a tokenizer and of its baseline on real bodies with the teacher's faces.

    Args:
        tokenizer: trained.
        real: held-out motion.
        data: folder of the corpora; the faces speak with its test speakers.
    """
    rng = np.random.default_rng(0)
    faces = []
    for body, case in zip(real, cycle(librispeech_cases(data, len(real))), strict=False):
        faces.append(FaceTeacher().perform(case.utterance, len(body.rotations), rng))
    tracks = poses(real, faces)
    return {
        "tokenizer": tokenizer_figures(tokenizer, real, tracks),
        "mean pose": mean_pose_figures(tokenizer, real, tracks),
    }


def poses(
    performances: Sequence[Performance], faces: Sequence[FacePerformance]
) -> list[FloatArray]:
    """Pose vectors [T, P] of bodies with the faces of others, as long as they are."""
    return [
        pose_track(body.rotations, body.root_position, face)
        for body, face in zip(performances, faces, strict=True)
    ]


@torch.no_grad()
def tokenizer_figures(
    tokenizer: MotionTokenizer, performances: Sequence[Performance], tracks: Sequence[FloatArray]
) -> dict[str, float]:
    """Errors of coding, and codebook use.

    Args:
        tokenizer: trained.
        performances: real motion.
        tracks: its pose vectors [T, P], see `poses`.

    Returns:
        `tokenizer_REGION_mm` and `_deg` for the body, `tokenizer_gaze_deg`,
        `tokenizer_expressions` (mean absolute error of channels that run from 0 to 1), and for each
        region and level `codes_used_REGION_LEVEL` (%) and `perplexity_REGION_LEVEL`.
    """
    pose = torch.from_numpy(np.concatenate(tracks))
    codes = tokenizer.encode(pose)
    return {
        **reconstruction_figures(tokenizer(codes), performances, tracks),
        **_code_use(codes, tokenizer.quantizers[0].codebooks.shape[1]),
    }


@torch.no_grad()
def mean_pose_figures(
    tokenizer: MotionTokenizer, performances: Sequence[Performance], tracks: Sequence[FloatArray]
) -> dict[str, float]:
    """The same errors for a pose that never changes, the mean of the training: the baseline."""
    frames = sum(len(track) for track in tracks)
    return reconstruction_figures(tokenizer.mean.expand(frames, -1), performances, tracks)


def reconstruction_figures(
    decoded: Tensor, performances: Sequence[Performance], tracks: Sequence[FloatArray]
) -> dict[str, float]:
    """Errors of decoded pose vectors, [sum of T, P]."""
    parts = torch.split(decoded, [len(track) for track in tracks])
    errors: dict[str, list[FloatArray]] = {}
    for part, body, track in zip(parts, performances, tracks, strict=True):
        truth = body.rotations, body.root_position
        for region in BODY_REGIONS:
            made = _with_region(part, truth, region)
            bones, name = list(REGION_BONES[region]), region.name.lower()
            distance, angle = joint_distance_mm(made, truth), angle_deg(made[0], truth[0])
            errors.setdefault(f"tokenizer_{name}_mm", []).append(distance[:, bones].ravel())
            errors.setdefault(f"tokenizer_{name}_deg", []).append(angle[:, bones].ravel())
        face = np.abs(part.numpy() - track)[:, REGION_SLICES[Region.FACE]]
        gaze = np.degrees(np.linalg.norm(face[:, NUM_EXPRESSIONS:-1], axis=1))
        errors.setdefault("tokenizer_gaze_deg", []).append(gaze)
        errors.setdefault("tokenizer_expressions", []).append(face[:, :NUM_EXPRESSIONS].ravel())
    return {name: float(np.concatenate(values).mean()) for name, values in errors.items()}


def _with_region(
    pose: Tensor, truth: tuple[FloatArray, FloatArray], region: Region
) -> tuple[FloatArray, FloatArray]:
    """True motion with one region as the pose vectors [T, P] say."""
    values = pose[:, REGION_SLICES[region]].chunk(2, dim=-1)[0]
    rotations, root = truth[0].copy(), truth[1]
    if region == Region.TRUNK:
        root = values[:, -3:].numpy() + REST_OFFSETS_M[0]
        values = values[:, :-3]
    turns = quaternion_from_matrix(matrix_from_6d(values.reshape(len(values), -1, 6)))
    rotations[:, REGION_BONES[region]] = turns.numpy()
    return rotations, np.asarray(root, np.float32)


def _code_use(codes: Tensor, num_codes: int) -> dict[str, float]:
    """Use of every codebook by codes [T, R, Q]."""
    figures = {}
    for region in Region:
        for level in range(codes.shape[-1]):
            counts = torch.bincount(codes[:, region, level], minlength=num_codes).double()
            share = counts[counts > 0] / counts.sum()
            name = f"{region.name.lower()}_{level + 1}"
            figures[f"codes_used_{name}"] = 100 * len(share) / num_codes
            figures[f"perplexity_{name}"] = float((-(share * share.log()).sum()).exp())
    return figures
