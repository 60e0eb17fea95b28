"""Reads SmartBody motions (`.skm`, text).

`channels N`, then lines `JOINT XPos|YPos|ZPos|Quat`, `frames n`, phase times, then `kt <seconds> fr
<values>`. A `Quat` channel holds three numbers: a rotation vector (axis times angle, radians).
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.rotations import continuous, from_rotation_vector, slerp
from umo_runtime.training.corpora.utterance import FloatArray
from umo_runtime.types import FRAME_RATE_HZ

_CHANNEL = re.compile(r"^\s*(\S+)\s+(XPos|YPos|ZPos|Quat)\s*$", re.MULTILINE)
_PHASE = re.compile(r"^\s*(ready|strokeStart|emphasis|stroke|relax) time:\s*(\S+)", re.MULTILINE)
_FRAME = re.compile(r"^\s*kt\s+(\S+)\s+fr\s+(.*)$", re.MULTILINE)
_AXES = ("XPos", "YPos", "ZPos")

# Some clips of `Jt..` skeletons were saved under SmartBody's standard joint names. Their two-part
# upper arms tell them from clips of the older skeletons, whose own names these are.
_RENAMED_MARK = "l_upperarm2"
_STANDARD_NAMES = {
    "base": "JtRoot",
    "spine1": "JtSpineA",
    "spine2": "JtSpineB",
    "spine3": "JtSpineC",
    "spine4": "JtNeckA",
    "spine5": "JtNeckB",
    "skullbase": "JtSkullA",
} | {
    f"{side.lower()[0]}_{standard}": f"Jt{joint}{side}"
    for side in ("Lf", "Rt")
    for standard, joint in (
        ("sternoclavicular", "Clavicle"),
        ("shoulder", "Shoulder"),
        ("upperarm1", "UpperArmTwistA"),
        ("upperarm2", "UpperArmTwistB"),
        ("elbow", "Elbow"),
        ("forearm1", "ForearmTwistA"),
        ("forearm", "ForearmTwistB"),
        ("wrist", "Wrist"),
        ("hip", "Hip"),
        ("knee", "Knee"),
        ("ankle", "Ankle"),
        ("forefoot", "Ball"),
        ("toe", "Toe"),
        *(
            (f"{'pinky' if finger == 'Little' else finger.lower()}{number}", f"{finger}{letter}")
            for finger in ("Thumb", "Index", "Middle", "Ring", "Little")
            for number, letter in enumerate("ABCD", start=1)
        ),
    )
}


@dataclass(frozen=True, slots=True)
class SmartbodyMotion:
    """Channel values of one clip, at 30 fps.

    Attributes:
        name: file name without its ending.
        num_frames: T.
        rotations: quaternions [T, 4] by joint.
        shifts: position channels [T, 3] by joint, in the file's own length unit.
        phases: gesture phase times in seconds as written, possibly placeholders.
    """

    name: str
    num_frames: int
    rotations: dict[str, FloatArray]
    shifts: dict[str, FloatArray]
    phases: dict[str, float]


def read_channels(path: Path) -> tuple[tuple[str, str], ...]:
    """Only the channel list, (joint, kind) each: enough to tell which skeleton a clip is for."""
    with path.open(errors="replace") as file:
        head = "".join(line for line, _ in zip(file, range(1000), strict=False) if line[:2] != "kt")
    return _find_channels(head)


def _find_channels(text: str) -> tuple[tuple[str, str], ...]:
    """(joint, kind) of the channel lines, under the names that the skeleton file uses."""
    channels = tuple(_CHANNEL.findall(text))
    if not any(joint == _RENAMED_MARK for joint, _ in channels):
        return channels
    return tuple((_STANDARD_NAMES.get(joint, joint), kind) for joint, kind in channels)


def read_motion(path: Path, joints: frozenset[str] | None = None) -> SmartbodyMotion:
    """Parse one `.skm` file and resample it to 30 fps.

    Args:
        path: the file.
        joints: which joints to keep; all when not given.

    Raises:
        CorpusError: the text is not a motion or its frames do not fit its channels.
    """
    text = path.read_text(errors="replace")
    channels = _find_channels(text)
    widths = [3 if kind == "Quat" else 1 for _, kind in channels]
    times, values = _read_frames(path, text, sum(widths))
    starts = np.cumsum([0, *widths])
    count = max(1, int(np.floor((times[-1] - times[0]) * FRAME_RATE_HZ + 1e-3)) + 1)
    grid = (times[0] + np.arange(count) / FRAME_RATE_HZ).clip(times[0], times[-1])
    rotations: dict[str, FloatArray] = {}
    shifts: dict[str, FloatArray] = {}
    for (joint, kind), start in zip(channels, starts, strict=False):
        if joints is not None and joint not in joints:
            continue
        if kind == "Quat":
            rotations[joint] = _resample_turn(times, values[:, start : start + 3], grid)
        else:
            shift = shifts.setdefault(joint, np.zeros((count, 3), np.float32))
            shift[:, _AXES.index(kind)] = np.interp(grid, times, values[:, start])
    phases = {name: float(time) - float(times[0]) for name, time in _PHASE.findall(text)}
    return SmartbodyMotion(path.stem, count, rotations, shifts, phases)


def _read_frames(path: Path, text: str, width: int) -> tuple[FloatArray, FloatArray]:
    """Times [K] and values [K, width] of the recorded frames."""
    frames = _FRAME.findall(text)
    if not frames or not width:
        raise CorpusError(f"{path}: expected channels and 'kt .. fr ..' frames; get the file again")
    try:
        times = np.array([float(time) for time, _ in frames], np.float32)
        rows = [np.array(row.split(), np.float32) for _, row in frames]
    except ValueError as error:
        raise CorpusError(
            f"{path}: a frame holds something that is not a number ({error})"
        ) from None
    for number, row in enumerate(rows):
        if len(row) != width or not np.isfinite(row).all():
            raise CorpusError(
                f"{path}: frame {number} should have {width} finite values, has {len(row)}"
            )
    if (np.diff(times) <= 0).any():
        raise CorpusError(f"{path}: frame times must increase")
    return times, np.stack(rows)


def _resample_turn(times: FloatArray, vectors: FloatArray, grid: FloatArray) -> FloatArray:
    """Rotation vectors [K, 3] at `times` to quaternions [T, 4] at `grid`."""
    turns = continuous(from_rotation_vector(vectors))
    left = np.searchsorted(times, grid, side="right").clip(1, max(1, len(times) - 1)) - 1
    right = np.minimum(left + 1, len(times) - 1)
    span = np.maximum(times[right] - times[left], 1e-6)
    phase = ((grid - times[left]) / span).clip(0, 1).astype(np.float32)
    return slerp(turns[left], turns[right], phase)
