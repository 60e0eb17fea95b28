import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.skeleton import BONE_INDEX, IDENTITY_ROTATIONS, REST_OFFSETS_M, forward_kinematics
from umo_runtime.training.corpora.looks import Look
from umo_runtime.training.corpora.manner import NATURAL
from umo_runtime.training.corpora.waiting import settle_arms, turn_head, weight_shifts


@given(seed=st.integers(0, 2**32))
def test_weight_goes_from_leg_to_leg_every_six_to_fifteen_seconds(seed: int) -> None:
    weight = weight_shifts(2400, np.random.default_rng(seed))
    crossings = np.flatnonzero(np.diff(np.sign(weight))) / 30
    assert (np.diff(crossings) > 5.0).all()  # the moves' own length apart from 6 s
    assert (np.diff(crossings) < 16.0).all()
    assert len(crossings) >= 4
    assert np.abs(weight).max() <= 1
    assert np.abs(np.diff(weight)).max() * 30 < 4  # nobody jumps


def test_the_head_goes_where_the_eyes_went() -> None:
    rotations = np.tile(IDENTITY_ROTATIONS, (90, 1, 1))
    turn_head(rotations, (Look(20, 0.5, 0.1),))
    _, turns = forward_kinematics(rotations, np.tile(REST_OFFSETS_M[0], (90, 1)))
    x, y, _, w = turns[-1, BONE_INDEX["Head"]]
    assert 0.3 < 2 * np.arctan2(y, w) < 0.45  # to the left
    assert 2 * np.arctan2(x, w) < -0.05  # up


def test_arms_settle_a_little_and_rest() -> None:
    rotations = np.tile(IDENTITY_ROTATIONS, (1800, 1, 1))
    settle_arms(rotations, NATURAL, np.random.default_rng(0))
    moved = np.abs(np.diff(rotations, axis=0)).max(axis=(1, 2)) > 1e-5
    assert 0.03 < moved.mean() < 0.35
    bones = {index for index in range(55) if np.ptp(rotations[:, index], axis=0).any()}
    parts = ("UpperArm", "LowerArm", "Hand")
    assert bones == {BONE_INDEX[f"{s}{p}"] for s in ("Left", "Right") for p in parts}


def test_elbows_bend_the_way_they_can() -> None:
    rotations = np.tile(IDENTITY_ROTATIONS, (900, 1, 1))
    settle_arms(rotations, NATURAL, np.random.default_rng(0))
    at, _ = forward_kinematics(rotations, np.tile(REST_OFFSETS_M[0], (900, 1)))
    for side in ("Left", "Right"):
        elbow, hand = (at[:, BONE_INDEX[f"{side}{part}"]] for part in ("LowerArm", "Hand"))
        forearm = hand - elbow
        upper = elbow - at[:, BONE_INDEX[f"{side}UpperArm"]]
        assert (np.cross(upper, forearm)[:, 1] * (1 if side == "Left" else -1) <= 1e-6).all()
