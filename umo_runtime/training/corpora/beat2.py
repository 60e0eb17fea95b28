"""BEAT2: co-speech motion as SMPL-X parameters with sound and aligned text.

Assumed layout, that of the public release for one language:
`ROOT/smplxflame_30/NAME.npz`, `ROOT/wave16k/NAME.wav`, `ROOT/textgrid/NAME.TextGrid`, with NAME
like `2_scott_0_1_1` (number, speaker, session). SMPL-X stands in a T-pose, y up, facing +z, its
left at +x, just as our humanoid does, so joint rotations carry over unchanged.
Sources: Liu et al., "EMAGE", CVPR 2024 (BEAT2); Pavlakos et al., "SMPL-X", CVPR 2019.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from umo_runtime.errors import CorpusError
from umo_runtime.skeleton import (
    BONE_INDEX,
    IDENTITY_ROTATIONS,
    NUM_BONES,
    REST_OFFSETS_M,
    forward_kinematics,
)
from umo_runtime.training.corpora.recording import decode_recording
from umo_runtime.training.corpora.rotations import from_rotation_vector, slerp
from umo_runtime.training.corpora.textgrid import read_textgrid
from umo_runtime.training.corpora.timed_transcript import arpabet
from umo_runtime.training.corpora.utterance import MotionClip, Span, Utterance
from umo_runtime.types import FRAME_RATE_HZ

FloatArray = npt.NDArray[np.float32]

_BODY = (
    *("Hips", "LeftUpperLeg", "RightUpperLeg", "Spine", "LeftLowerLeg", "RightLowerLeg", "Chest"),
    *("LeftFoot", "RightFoot", "UpperChest", "LeftToes", "RightToes", "Neck", "LeftShoulder"),
    *("RightShoulder", "Head", "LeftUpperArm", "RightUpperArm", "LeftLowerArm", "RightLowerArm"),
    *("LeftHand", "RightHand", "Jaw", "LeftEye", "RightEye"),
)
_FINGERS = tuple(
    f"{side}{finger}{segment}"
    for side in ("Left", "Right")
    for finger in ("Index", "Middle", "Little", "Ring", "Thumb")
    for segment in ("Proximal", "Intermediate", "Distal")
)
SMPLX_BONES: tuple[str, ...] = (*_BODY, *_FINGERS)  # our bone for every SMPL-X joint, in its order

_FEET = [BONE_INDEX[f"{side}{bone}"] for side in ("Left", "Right") for bone in ("Foot", "Toes")]
_PELVIS_REST_M = np.array(
    (0.003, -0.351, 0.012), np.float32
)  # SMPL-X turns about here, not `trans`
_FLOOR_PERCENTILE = 5


def read_beat2(root: Path) -> Iterator[tuple[Utterance, MotionClip]]:
    """Yield every recording that has motion, in order of names."""
    motions = sorted((root / "smplxflame_30").glob("*.npz"))
    if not motions:
        raise CorpusError(
            f"{root} holds no smplxflame_30/*.npz; expected BEAT2's folder of one language, "
            "such as beat_english_v2.0.0"
        )
    for motion in motions:
        yield _read_utterance(root, motion.stem), read_smplx(motion)


def _read_utterance(root: Path, name: str) -> Utterance:
    sound = root / "wave16k" / f"{name}.wav"
    if not sound.is_file():
        raise CorpusError(f"{sound} is missing; expected the sound of {name}, download it again")
    tiers = read_textgrid(root / "textgrid" / f"{name}.TextGrid")
    words = tuple(
        Span(span.label.lower(), span.start_s, span.end_s)
        for span in tiers.get("words", ())
        if span.label
    )
    phones = tuple(
        Span(arpabet(span.label), span.start_s, span.end_s) for span in tiers.get("phones", ())
    )
    samples = decode_recording(sound.read_bytes(), str(sound))
    text = " ".join(word.label for word in words)
    return Utterance(name, _speaker(name), samples, text, words, phones)


def _speaker(name: str) -> str:
    return name.split("_")[1] if name.count("_") else name


def read_smplx(path: Path) -> MotionClip:
    """Read one SMPL-X recording as motion of our humanoid at 30 fps, standing on the floor."""
    poses, trans, rate_hz = _load(path)
    rotations = np.empty((len(poses), NUM_BONES, 4), np.float32)
    rotations[:, [BONE_INDEX[bone] for bone in SMPLX_BONES]] = from_rotation_vector(
        poses.reshape(-1, NUM_BONES, 3)
    )
    times = _output_times(len(poses), rate_hz)
    before = times.astype(np.int64)
    after = np.minimum(before + 1, len(poses) - 1)
    share = (times - before).astype(np.float32)[:, None]
    rotations = slerp(rotations[before], rotations[after], share)
    position = _PELVIS_REST_M + trans[before] * (1 - share) + trans[after] * share
    return MotionClip(path.stem, _speaker(path.stem), rotations, _on_floor(rotations, position))


def _load(path: Path) -> tuple[FloatArray, FloatArray, float]:
    """Axis-angle poses [T, 165], translation [T, 3] in metres, frame rate."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            poses = np.asarray(arrays["poses"], np.float32)
            trans = np.asarray(arrays["trans"], np.float32)
            rate_hz = float(arrays["mocap_frame_rate"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise CorpusError(
            f"{path} is not SMPL-X motion ({error}); expected npz with poses, trans and "
            "mocap_frame_rate, download it again"
        ) from error
    if poses.shape != (len(trans), 3 * NUM_BONES) or trans.shape[1:] != (3,) or not rate_hz > 0:
        raise CorpusError(
            f"{path} holds poses {poses.shape}, trans {trans.shape} at {rate_hz} fps; expected "
            "[T, 165] and [T, 3], use the SMPL-X release of BEAT2"
        )
    return poses, trans, rate_hz


def _output_times(frames: int, rate_hz: float) -> npt.NDArray[np.float64]:
    """Positions of the 30 fps frames on the recording's own frames, [T]."""
    num_output = int((frames - 1) / rate_hz * FRAME_RATE_HZ + 1e-6) + 1
    return np.minimum(np.arange(num_output) * rate_hz / FRAME_RATE_HZ, frames - 1)


def _on_floor(rotations: FloatArray, position: FloatArray) -> FloatArray:
    """Shift the hips, [T, 3], so that the lower foot rests where it rests in the T-pose."""
    placed, _ = forward_kinematics(rotations, position)
    rest, _ = forward_kinematics(IDENTITY_ROTATIONS, REST_OFFSETS_M[0])
    clearance = (placed[:, _FEET, 1] - rest[_FEET, 1]).min(axis=1)
    lifted = position.copy()
    lifted[:, 1] -= np.percentile(clearance, _FLOOR_PERCENTILE)
    return lifted
