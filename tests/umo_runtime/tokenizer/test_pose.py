import numpy as np

from umo_runtime.blendshapes import BLENDSHAPES, MOUTH_CHANNELS, NUM_BLENDSHAPES
from umo_runtime.interpolator.gaze import LOOK_CHANNELS
from umo_runtime.skeleton import REGION_BONES, Region
from umo_runtime.tokenizer.pose import (
    BODY_REGIONS,
    EXPRESSION_CHANNELS,
    NUM_EXPRESSIONS,
    POSE_DIM,
    REGION_DIMS,
    REGION_SLICES,
    VALUE_DIMS,
)


def test_slices_cover_the_pose_without_overlap_in_region_order() -> None:
    covered = [index for region in Region for index in range(POSE_DIM)[REGION_SLICES[region]]]
    assert covered == list(range(POSE_DIM))
    assert all(len(range(POSE_DIM)[REGION_SLICES[r]]) == REGION_DIMS[r] for r in Region)


def test_body_regions_hold_every_value_and_its_velocity() -> None:
    assert {*BODY_REGIONS, Region.FACE} == set(Region)
    for region in BODY_REGIONS:
        root = 3 if region == Region.TRUNK else 0
        assert VALUE_DIMS[region] == 6 * len(REGION_BONES[region]) + root
        assert REGION_DIMS[region] == 2 * VALUE_DIMS[region]


def test_the_face_holds_expressions_gaze_and_blink_without_velocities() -> None:
    assert NUM_EXPRESSIONS == len(EXPRESSION_CHANNELS) == 13
    assert VALUE_DIMS[Region.FACE] == REGION_DIMS[Region.FACE] == NUM_EXPRESSIONS + 2 + 1


def test_every_blendshape_has_exactly_one_source() -> None:
    looks = [channel for channel, _, _ in LOOK_CHANNELS]
    blinks = [BLENDSHAPES.index(name) for name in ("eyeBlinkLeft", "eyeBlinkRight")]
    sources = np.concatenate((EXPRESSION_CHANNELS, MOUTH_CHANNELS, looks, blinks))
    assert sorted(sources.tolist()) == list(range(NUM_BLENDSHAPES))
