import numpy as np

from umo_runtime.skeleton import BONE_INDEX, IDENTITY_ROTATIONS, NUM_BONES, forward_kinematics
from umo_runtime.training.corpora.mirror import mirror_clip
from umo_runtime.training.corpora.rotations import normalize
from umo_runtime.training.corpora.utterance import MotionClip


def random_clip(seed: int) -> MotionClip:
    rng = np.random.default_rng(seed)
    noise = rng.normal(scale=0.3, size=(3, NUM_BONES, 4)).astype(np.float32)
    root = rng.normal(size=(3, 3)).astype(np.float32)
    return MotionClip("a", "b", normalize(IDENTITY_ROTATIONS + noise), root, {"ready": 0.1})


def test_every_joint_lands_at_its_mirror_image() -> None:
    clip = random_clip(0)
    mirrored = mirror_clip(clip)
    here, _ = forward_kinematics(clip.rotations, clip.root_position)
    there, _ = forward_kinematics(mirrored.rotations, mirrored.root_position)
    for left, right in (("LeftHand", "RightHand"), ("RightLittleDistal", "LeftLittleDistal")):
        expected = here[:, BONE_INDEX[left]] * [-1, 1, 1]
        np.testing.assert_allclose(there[:, BONE_INDEX[right]], expected, atol=1e-5)
    head = here[:, BONE_INDEX["Head"]] * [-1, 1, 1]
    np.testing.assert_allclose(there[:, BONE_INDEX["Head"]], head, atol=1e-5)


def test_twice_mirrored_is_the_clip() -> None:
    clip = random_clip(1)
    twice = mirror_clip(mirror_clip(clip))
    np.testing.assert_array_equal(twice.rotations, clip.rotations)
    np.testing.assert_array_equal(twice.root_position, clip.root_position)
    assert twice.phases == clip.phases
