from pathlib import Path

import numpy as np
import pytest

from tests.umo_runtime.evaluation.bodies import about, body
from umo_runtime.errors import CorpusError
from umo_runtime.evaluation import body_baselines
from umo_runtime.evaluation.body_baselines import (
    Baseline,
    choreographed,
    held_out_motion,
    is_conversational,
    is_gesture,
    retrieved,
    still,
)
from umo_runtime.evaluation.body_space import in_world
from umo_runtime.skeleton import BONE_INDEX
from umo_runtime.training.corpora.mirror import mirror_rotations
from umo_runtime.training.corpora.smartbody import is_test_clip, read_smartbody
from umo_runtime.training.corpora.utterance import MotionClip, Utterance

PHASES = {"ready": 0.3, "strokeStart": 0.5, "emphasis": 0.75, "stroke": 0.9, "relax": 1.1}
SPEECH = Utterance(
    "u", "s", np.random.default_rng(0).standard_normal(100_000).astype(np.float32) / 10
)
FRAMES = 188


def clip(name: str, bend: float, walk_m: float = 0.0, frames: int = 48) -> MotionClip:
    """The left elbow bends and straightens while the body walks and turns."""
    course = np.sin(np.linspace(0, np.pi, frames))
    turns = {"LeftLowerArm": about("y", bend * course), "Hips": about("y", walk_m * course)}
    made = body(frames, turns)
    way = np.linspace(0, walk_m, frames, dtype=np.float32)[:, None] * np.array([0, 0, 1])
    root_position = (made.root_position + way).astype(np.float32)
    return MotionClip(name, "ChrBrad", made.rotations, root_position, PHASES)


HELD_OUT = ("Idle01_BeatLowLf02", "Idle01_Jump01")
CLIPS = [
    clip("Idle01", 0.05),
    clip("Idle01_BeatLowLf01", 0.8),
    clip("Idle01_BeatMidRt01", 1.2),
    clip("Idle01_OfferLf01", 1.0),
    clip("Walk01", 0.3, walk_m=2.0),
    clip(HELD_OUT[0], 2.0),
    clip(HELD_OUT[1], 3.0, walk_m=5.0),
]
MAKERS = {
    "choreographer": choreographed,
    "any clip": retrieved,
    "gestures": lambda clips: retrieved(clips, gestures_only=True),
    "still": still,
}


@pytest.fixture(autouse=True)
def split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_baselines, "is_test_clip", lambda name: name in HELD_OUT)


@pytest.fixture(params=MAKERS.values(), ids=MAKERS)
def baseline(request: pytest.FixtureRequest) -> Baseline:
    made: Baseline = request.param(CLIPS)
    return made


def test_every_baseline_performs_the_whole_speech(baseline: Baseline) -> None:
    made = baseline(SPEECH, np.random.default_rng(0))
    assert made.fps == 30
    assert made.rotations.shape == (FRAMES, 55, 4)
    assert made.root_position.shape == (FRAMES, 3)
    assert made.blendshapes.shape == (FRAMES, 52)
    assert made.samples is SPEECH.samples
    np.testing.assert_allclose(np.linalg.norm(made.rotations, axis=-1), 1, atol=1e-5)


def test_chance_is_an_argument(baseline: Baseline) -> None:
    once, again = (baseline(SPEECH, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(once.rotations, again.rotations)


def test_held_out_clips_are_never_performed(baseline: Baseline) -> None:
    q = np.concatenate(
        [baseline(SPEECH, np.random.default_rng(seed)).rotations for seed in range(5)]
    )
    elbows = q[:, [BONE_INDEX["LeftLowerArm"], BONE_INDEX["RightLowerArm"]]]
    assert 2 * np.arccos(np.abs(elbows[..., 3]).min()) < 1.7


def test_retrieval_never_jumps() -> None:
    made = retrieved(CLIPS)(SPEECH, np.random.default_rng(1))
    step_m = np.linalg.norm(np.diff(in_world(made)[:, 0], axis=0), axis=-1)
    assert step_m.max() < 0.15  # Walk01 makes 4 cm a frame
    hips = made.rotations[:, 0]
    assert np.abs((hips[1:] * hips[:-1]).sum(-1)).min() > 0.95


def test_retrieval_of_gestures_stays_on_the_spot_while_any_clip_walks() -> None:
    gestures = retrieved(CLIPS, gestures_only=True)(SPEECH, np.random.default_rng(0))
    anything = retrieved(CLIPS)(SPEECH, np.random.default_rng(0))
    assert np.ptp(gestures.root_position, axis=0).max() < 0.01
    assert np.ptp(anything.root_position, axis=0).max() > 0.5


def test_the_mean_pose_is_held_between_the_clips_poses() -> None:
    made = still(CLIPS)(SPEECH, np.random.default_rng(0))
    assert np.ptp(made.rotations, axis=0).max() == 0
    bend = 2 * np.arcsin(np.abs(made.rotations[0, BONE_INDEX["LeftLowerArm"], 1]))
    assert 0.2 < bend < 0.8


def test_held_out_motion_is_conversational_and_mirrored() -> None:
    one, other = held_out_motion(CLIPS)
    np.testing.assert_array_equal(mirror_rotations(one.rotations), other.rotations)
    np.testing.assert_array_equal(one.rotations, CLIPS[5].rotations)
    assert not len(one.samples)
    assert not one.is_silent().any()


def test_without_held_out_clips_there_is_no_real_motion() -> None:
    with pytest.raises(CorpusError, match="no held-out gesture clips"):
        held_out_motion(CLIPS[:5])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Idle01_BeatLowLf01", True),
        ("IdleStand01_YouForwardBt01", True),
        ("Idle01_Shrug02", True),
        ("IdleStand01_ReachLeft30MediumFar01", False),
        ("Walk01", False),
        ("Idle01", False),
    ],
)
def test_gestures_are_known_by_name(name: str, expected: bool) -> None:
    assert is_gesture(clip(name, 0.5)) is expected


@pytest.mark.data
@pytest.mark.slow
def test_the_corpus_holds_out_gestures(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    clips = list(read_smartbody(data_root / "motion" / "smartbody-skm.tar.xz"))
    held = held_out_motion(clips)
    assert len(held) == 2 * 17
    assert sum(len(each.rotations) for each in held) / 60 == pytest.approx(42.1, abs=0.1)
    assert sum(is_conversational(each) and not is_test_clip(each.name) for each in clips) == 146
