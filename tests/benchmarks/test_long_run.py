import numpy as np
import pytest

from benchmarks.long_run import (
    ARMS,
    joined,
    longest_repeat,
    longest_run,
    pose_change_deg,
    still_arms,
    wrist_speed,
)
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.evaluation.performance import Performance
from umo_runtime.skeleton import BONE_INDEX, IDENTITY_ROTATIONS, REST_OFFSETS_M
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ, FloatArray

SECOND = FRAME_RATE_HZ


def turned(angle_rad: FloatArray) -> FloatArray:
    """Rotations about z, [..., 4]."""
    zero = np.zeros_like(angle_rad)
    parts = (zero, zero, np.sin(angle_rad / 2), np.cos(angle_rad / 2))
    return np.stack(parts, axis=-1).astype(np.float32)


def wandering(seconds: int, joints: int = 4, seed: int = 0) -> FloatArray:
    """Rotations [T, J, 4] that never come back the same way: about 1 rad/s in any direction."""
    noise = np.random.default_rng(seed).normal(size=(seconds * SECOND + 30, joints))
    smooth = np.apply_along_axis(np.convolve, 0, noise, np.hanning(31) / 3, "valid")
    return turned(smooth[: seconds * SECOND])


def standing(frames: int) -> FloatArray:
    return np.tile(IDENTITY_ROTATIONS, (frames, 1, 1))


def performance(rotations: FloatArray) -> Performance:
    frames = len(rotations)
    silence = np.zeros(frames * SAMPLE_RATE_HZ // FRAME_RATE_HZ, np.float32)
    root = np.tile(REST_OFFSETS_M[0], (frames, 1))
    return Performance(
        FRAME_RATE_HZ, rotations, root, np.zeros((frames, NUM_BLENDSHAPES), np.float32), silence
    )


@pytest.mark.parametrize("shift", range(4))
def test_self_match_finds_a_planted_repeat_at_any_frame(shift: int) -> None:
    arms = wandering(60)
    start, earlier, length = 40 * SECOND, 10 * SECOND + shift, 6 * SECOND
    arms[start : start + length] = arms[earlier : earlier + length]
    found = longest_repeat(arms)
    assert found.motion_s == pytest.approx(6, abs=0.5)
    assert found.start_s == pytest.approx(start / SECOND, abs=0.3)
    assert found.start_s - found.earlier_s == pytest.approx((start - earlier) / SECOND, abs=0.01)


def test_self_match_finds_little_in_motion_that_does_not_repeat() -> None:
    assert longest_repeat(wandering(60)).motion_s < 1


def test_a_repeat_a_little_off_is_one_and_one_far_off_is_none() -> None:
    arms = wandering(40)
    off = {degrees: arms.copy() for degrees in (1, 4)}
    for degrees, copy in off.items():
        noise = np.random.default_rng(1).normal(size=copy.shape) * np.radians(degrees) / 4
        copy[30 * SECOND :] = (arms + noise)[10 * SECOND : 20 * SECOND]
        copy /= np.linalg.norm(copy, axis=-1, keepdims=True)
    assert longest_repeat(off[1]).motion_s > 8
    assert longest_repeat(off[4]).motion_s < 2


def test_holding_a_pose_is_not_repeating_oneself() -> None:
    assert longest_repeat(turned(np.full((1200, 4), 0.7))).motion_s == 0


def test_arms_are_still_only_where_no_bone_of_them_turns() -> None:
    angle = np.zeros(90)
    angle[31:61] = 0.1 * np.arange(30) / SECOND  # 0.1 rad/s
    angle[61:] = angle[60]
    rotations = standing(90)
    rotations[:, BONE_INDEX["Head"]] = turned(np.arange(90) / SECOND)
    rotations[:, ARMS[5]] = turned(angle)
    still = still_arms(performance(rotations))
    assert still[:31].all() and not still[31:60].any() and still[60:].all()
    assert longest_run(still) == 31


def test_longest_run() -> None:
    assert longest_run(np.array([1, 1, 0, 1, 1, 1, 0, 1], bool)) == 3
    assert longest_run(np.zeros(4, bool)) == 0


def test_pose_change_is_the_angle_between_mean_poses_whatever_the_signs() -> None:
    before, after = standing(20), standing(20)
    bone = BONE_INDEX["LeftLowerArm"]
    after[:, bone] = turned(0.3 + 0.1 * np.sin(np.arange(20) * 2 * np.pi / 20))
    after[::3] *= -1
    change = pose_change_deg(before, after)
    assert change[bone] == pytest.approx(np.degrees(0.3), abs=0.1)
    assert np.delete(change, bone).max() < 0.1


def test_wrists_move_with_the_elbow() -> None:
    rotations = standing(30)
    rotations[:, BONE_INDEX["LeftLowerArm"]] = turned(np.arange(30) / SECOND)  # 1 rad/s
    assert wrist_speed(rotations) == pytest.approx(0.25 / 2, rel=0.01)  # the forearm; one of two


def test_pauses_lie_between_utterances() -> None:
    speech = [np.ones(1000, np.float32)] * 3
    samples = joined(speech, np.random.default_rng(0))
    pause_s = (len(samples) - 3000) / SAMPLE_RATE_HZ / 3
    assert samples.sum() == 3000 and 0.3 <= pause_s <= 3.0
