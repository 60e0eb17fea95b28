"""The SmartBody motion corpus: conversational gestures, idles and locomotion as `MotionClip`s.

A clip file is named `CHARACTER@BASE.skm` or `CHARACTER_BASE.skm`. Many are re-exports of one
another on other characters' skeletons; one of each is kept. Visemes and facial action units (in
folders `face`) and clips for skeletons that are not in the archive are passed over.
Source: SmartBody, USC Institute for Creative Technologies (licence: see the data's README).
"""

import hashlib
import lzma
import re
import tarfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from umo_runtime.errors import CorpusError
from umo_runtime.skeleton import (
    BONE_INDEX,
    IDENTITY_ROTATIONS,
    REST_OFFSETS_M,
    forward_kinematics,
    multiply,
    rotate,
)
from umo_runtime.training.corpora.rotations import about_y, continuous, yaw_of
from umo_runtime.training.corpora.smartbody_humanoid import to_humanoid
from umo_runtime.training.corpora.smartbody_joints import joint_map
from umo_runtime.training.corpora.smartbody_sk import SmartbodySkeleton, read_skeleton
from umo_runtime.training.corpora.smartbody_skm import read_channels, read_motion
from umo_runtime.training.corpora.utterance import FloatArray, MotionClip

PHASES = ("ready", "strokeStart", "emphasis", "stroke", "relax")
TEST_SHARE = 10  # one clip base name in this many is held out
_MIN_FRAMES = 10
_MIN_SHARE_ANIMATED = 0.9  # of the joints we map; other clips are for skeletons not in the archive
_UNNAMED = "unnamed"
_FACE = "face"  # folders of visemes and action units
_GROUND_PERCENTILE = 10  # of the lower foot's height over a clip: it stands for at least that long
_MIN_STROKE_S = 0.1  # ready to relax; placeholders are 0.13 s at the very start
_PLACEHOLDER_RELAX_S = 0.2
# Refined re-exports first: `Gestures2` has hand-checked phase times, `ChrRachel` is a re-target.
_PREFERRED = ("Gestures2", "Gestures", "ChrMaarten", "ChrRachel")
_CHARACTER = re.compile(r"^(?:(?P<at>[^@]+)@|(?P<chr>Chr[A-Za-z]+|[Uu]tah)_)?(?P<base>.+)$")


def is_test_clip(name: str) -> bool:
    """Whether a clip base name is held out (about 10 %): SHA-256 of the name modulo 10 is zero.

    The split is by base name alone, so a clip and its re-exports on other skeletons stay together.
    """
    return hashlib.sha256(name.encode()).digest()[-1] % TEST_SHARE == 0


def split_name(stem: str) -> tuple[str, str]:
    """Character and clip base name of a file stem; a re-target `A_B@x` belongs to its source B."""
    match = _CHARACTER.match(stem)
    assert match is not None  # the pattern matches every non-empty stem
    character = match["at"] or match["chr"] or ""
    return character.split("_")[-1].rstrip("0123456789") or _UNNAMED, match["base"]


def read_smartbody(root: Path) -> Iterator[MotionClip]:
    """Every distinct body clip, converted to our humanoid at 30 fps.

    Each clip starts at x = z = 0, turned so that the body faces +z in its first frame.

    Args:
        root: the archive (a tar, compressed or not) or the folder it was extracted to.

    Raises:
        CorpusError: nothing to read there, or a broken file.
    """
    if root.is_dir():
        yield from _read_folder(root)
        return
    with TemporaryDirectory() as folder:
        _extract(root, Path(folder))
        yield from _read_folder(Path(folder))


def _extract(archive: Path, folder: Path) -> None:
    """Unpack the skeletons and body clips of the archive."""
    try:
        with tarfile.open(archive) as tar:
            wanted = [
                member
                for member in tar
                if member.name.endswith((".sk", ".skm")) and _FACE not in Path(member.name).parts
            ]
            tar.extractall(folder, wanted, filter="data")
    except (OSError, EOFError, tarfile.TarError, lzma.LZMAError) as error:
        raise CorpusError(f"{archive}: neither a folder nor a readable tar ({error})") from error


def _read_folder(root: Path) -> Iterator[MotionClip]:
    skeletons = _read_skeletons(root)
    paths = sorted(
        (path for path in root.rglob("*.skm") if _FACE not in path.parts), key=_preference
    )
    if not skeletons or not paths:
        raise CorpusError(
            f"{root}: expected SmartBody .sk and .skm files; extract the archive there"
        )
    done: set[tuple[str, str]] = set()
    for path in paths:
        identity = split_name(path.stem)
        if identity in done:
            continue
        clip = _read_clip(path, skeletons)
        if clip is not None:
            done.add(identity)
            yield clip


def _preference(path: Path) -> tuple[int, str]:
    folders = [rank for rank, folder in enumerate(_PREFERRED) if folder in path.parts]
    return (folders[0] if folders else len(_PREFERRED) // 2, str(path))


def _read_skeletons(root: Path) -> dict[Path, SmartbodySkeleton]:
    """All humanoid skeletons under `root`, by path."""
    skeletons = {}
    for path in sorted(root.rglob("*.sk")):
        skeleton = read_skeleton(path)
        try:
            skeletons[path] = skeleton.pruned(set(joint_map(skeleton).values()))
        except CorpusError:
            continue
    return skeletons


def _find_skeleton(
    path: Path, skeletons: dict[Path, SmartbodySkeleton]
) -> SmartbodySkeleton | None:
    """The skeleton a clip was made for: it animates those joints, is near by and has that name."""
    moving = {joint for joint, _ in read_channels(path)}
    character, _ = split_name(path.stem)
    name = "common" if character == _UNNAMED else character.lower().removeprefix("chr")

    def share_animated(candidate: Path) -> float:
        bones = joint_map(skeletons[candidate])
        joints = {joint for bone, joint in bones.items() if not bone.endswith("Tip")}
        return len(joints & moving) / len(joints)

    def closeness(candidate: Path) -> tuple[bool, int, str]:
        shared = sum(a == b for a, b in zip(path.parts, candidate.parts, strict=False))
        return name in candidate.stem.lower(), shared, candidate.stem

    for candidate in sorted(skeletons, key=closeness, reverse=True):
        if share_animated(candidate) > _MIN_SHARE_ANIMATED:
            return skeletons[candidate]
    return None


def _read_clip(path: Path, skeletons: dict[Path, SmartbodySkeleton]) -> MotionClip | None:
    """One clip; None when no skeleton fits or it is a still."""
    skeleton = _find_skeleton(path, skeletons)
    if skeleton is None:
        return None
    motion = read_motion(path, frozenset(skeleton.names))
    if motion.num_frames < _MIN_FRAMES:
        return None
    rotations, root_position = stand_on_floor(*face_forward(*to_humanoid(skeleton, motion)))
    character, base = split_name(path.stem)
    phases = _usable_phases(motion.phases, motion.num_frames / 30)
    return MotionClip(base, character, continuous(rotations), root_position, phases)


def face_forward(rotations: FloatArray, root_position: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Turn and shift a clip so that its first frame stands at x = z = 0 and faces +z."""
    at, _ = forward_kinematics(rotations[0], root_position[0])
    feet = [
        at[BONE_INDEX[f"{side}Toes"]] - at[BONE_INDEX[f"{side}Foot"]] for side in ("Left", "Right")
    ]
    hips = rotate(rotations[0, 0], np.array([0, 0, 1], np.float32))
    heading = sum(foot / np.linalg.norm(foot) for foot in feet) + hips
    turn = about_y(-float(yaw_of(np.asarray(heading, np.float32))))
    turned = rotations.copy()
    turned[:, 0] = multiply(np.broadcast_to(turn, turned[:, 0].shape), turned[:, 0])
    start = root_position[0] * np.array([1, 0, 1], np.float32)
    return turned, rotate(turn, root_position - start).astype(np.float32)


def stand_on_floor(
    rotations: FloatArray, root_position: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Shift a clip vertically so that the lower ball of the foot rests where the T-pose's does."""
    at, _ = forward_kinematics(rotations, root_position)
    toes = at[:, [BONE_INDEX["LeftToes"], BONE_INDEX["RightToes"]], 1].min(axis=1)
    rest, _ = forward_kinematics(IDENTITY_ROTATIONS, REST_OFFSETS_M[0])
    lift = rest[BONE_INDEX["LeftToes"], 1] - np.percentile(toes, _GROUND_PERCENTILE)
    return rotations, root_position + np.array([0, lift, 0], np.float32)


def _usable_phases(phases: dict[str, float], duration_s: float) -> dict[str, float]:
    """The five phase times, or none when one is missing, out of order or a placeholder."""
    times = [phases.get(name, np.nan) for name in PHASES]
    is_ordered = all(a <= b for a, b in pairwise(times))
    is_placeholder = times[-1] < _PLACEHOLDER_RELAX_S or times[-1] - times[0] < _MIN_STROKE_S
    if not is_ordered or is_placeholder or times[-1] > duration_s:
        return {}
    return dict(zip(PHASES, times, strict=True))
