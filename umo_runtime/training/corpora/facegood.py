"""FACEGOOD Audio2Face: real facial capture of one Mandarin speaker, mapped to ARKit blendshapes.

A recording is `NAME.flac` with `NAME.npz`: `blendshapes` [frames, 116] at 30 fps and their names
`channels`. Only the mouth moves. Which channels the artists' solver used differs from one recording
to the next, so each capture says which ARKit channels it holds.
Source: FACEGOOD-Audio2Face on GitHub (MIT).
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, NUM_BLENDSHAPES
from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.recording import decode_recording
from umo_runtime.training.corpora.utterance import FaceCapture
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ

FloatArray = npt.NDArray[np.float32]

TEST_CLIP = "2_04"
BLIND_CLIPS = frozenset({"2_05", "3_16"})  # kept for blind evaluation: never read

_REST_PERCENTILE = 5  # a speaker's mouth is shut at least this often
_OBSERVED_RANGE = 0.02  # a channel that moves less was not used by the solver

# ARKit channel -> captured channels with their weights. "oh" is a shape of its own there: lips
# rounded over an open jaw.
_MIXTURES: dict[str, dict[str, float]] = {
    "jawOpen": {"mouth_stretch_c": 1.0, "mouth_oh_c": 0.3},
    "mouthFunnel": {
        "mouth_funnel_dl": 0.25,
        "mouth_funnel_dr": 0.25,
        "mouth_funnel_ul": 0.25,
        "mouth_funnel_ur": 0.25,
        "mouth_oh_c": 0.8,
    },
    "mouthPucker": {"mouth_pucker_l": 0.5, "mouth_pucker_r": 0.5, "mouth_oo_c": 1.0},
    "mouthSmileLeft": {"mouth_lipCornerPull_l": 1.0},
    "mouthSmileRight": {"mouth_lipCornerPull_r": 1.0},
    "mouthStretchLeft": {"mouth_lipStretch_l": 1.0},
    "mouthStretchRight": {"mouth_lipStretch_r": 1.0},
    "mouthLowerDownLeft": {"mouth_lowerLipDepress_l": 1.0},
    "mouthLowerDownRight": {"mouth_lowerLipDepress_r": 1.0},
    "mouthUpperUpLeft": {"mouth_upperLipRaise_l": 1.0},
    "mouthUpperUpRight": {"mouth_upperLipRaise_r": 1.0},
    "mouthPressLeft": {"mouth_press_l": 1.0},
    "mouthPressRight": {"mouth_press_r": 1.0},
    "mouthRollLower": {"mouth_suck_dl": 0.5, "mouth_suck_dr": 0.5},
    "mouthRollUpper": {"mouth_suck_ul": 0.5, "mouth_suck_ur": 0.5},
    "mouthShrugUpper": {"mouth_chinRaise_u": 1.0},
}


def read_facegood(folder: Path, split: Literal["train", "test"] = "train") -> Iterator[FaceCapture]:
    """Yield the captures of one split in order of their names; `test` is TEST_CLIP alone."""
    names = {path.stem for path in folder.glob("*.npz")} - BLIND_CLIPS
    chosen = sorted(names & {TEST_CLIP} if split == "test" else names - {TEST_CLIP})
    if not chosen:
        raise CorpusError(
            f"{folder} holds no {split} recording; expected files named like 2_01.npz, "
            "give FACEGOOD's folder"
        )
    for name in chosen:
        yield read_capture(folder, name)


def read_capture(folder: Path, name: str) -> FaceCapture:
    """Read one recording, cut so that every frame has its sound."""
    if name in BLIND_CLIPS:
        raise CorpusError(f"recording {name} is kept for blind evaluation; choose another one")
    audio = folder / f"{name}.flac"
    if not audio.is_file():
        raise CorpusError(f"{audio} is missing; expected it beside {name}.npz, copy both")
    samples = decode_recording(audio.read_bytes(), str(audio))
    captured, channels = _load(folder / f"{name}.npz")
    blendshapes = _to_arkit(captured, channels)
    frames = min(len(blendshapes), len(samples) * FRAME_RATE_HZ // SAMPLE_RATE_HZ)
    samples = samples[: frames * SAMPLE_RATE_HZ // FRAME_RATE_HZ]
    observed = np.ptp(blendshapes, axis=0) > _OBSERVED_RANGE
    return FaceCapture(f"facegood-{name}", samples, blendshapes[:frames] * observed, observed)


def _load(path: Path) -> tuple[FloatArray, dict[str, int]]:
    """Captured values [T, 116] and the column of each channel."""
    try:
        with np.load(path) as arrays:
            values = np.asarray(arrays["blendshapes"], np.float32)
            channels = {str(name): index for index, name in enumerate(arrays["channels"])}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise CorpusError(
            f"{path} is not a FACEGOOD capture ({error}); expected npz with blendshapes and "
            "channels, download it again"
        ) from error
    missing = {name for mixture in _MIXTURES.values() for name in mixture} - channels.keys()
    if values.shape[1:] != (len(channels),) or missing:
        raise CorpusError(
            f"{path} holds blendshapes {values.shape} and lacks channels {sorted(missing)}; "
            "expected one column a channel, download it again"
        )
    return values, channels


def _to_arkit(captured: FloatArray, channels: dict[str, int]) -> FloatArray:
    """Mix the captured channels, [T, 116], into ARKit's, [T, 52], with the rest pose at zero."""
    # The solver's values already run from 0 (neutral) to 1 (full shape), as ARKit's do.
    rest = np.percentile(captured, _REST_PERCENTILE, axis=0)
    moved = np.maximum(captured - rest, 0.0)
    blendshapes = np.zeros((len(captured), NUM_BLENDSHAPES), np.float32)
    for target, mixture in _MIXTURES.items():
        for source, weight in mixture.items():
            blendshapes[:, BLENDSHAPE_INDEX[target]] += weight * moved[:, channels[source]]
    return np.clip(blendshapes, 0.0, 1.0)
