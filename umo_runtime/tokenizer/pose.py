"""Layout of the pose vector: everything a keyframe says about a body, region by region.

Body regions hold the 6D rotations of their bones, and the velocity of each value in units per
keyframe interval, for Hermite interpolation. The trunk adds the hips' displacement from rest.
The face holds slow expression channels, gaze and the phase of a blink; the mouth is not in it,
because lips follow the sound at frame rate, in the interpolator.
"""

from umo_runtime.blendshapes import BLENDSHAPE_INDEX
from umo_runtime.skeleton import REGION_BONES, Region

EXPRESSION_CHANNELS: tuple[int, ...] = tuple(
    BLENDSHAPE_INDEX[name]
    for name in (
        "browDownLeft",
        "browDownRight",
        "browInnerUp",
        "browOuterUpLeft",
        "browOuterUpRight",
        "eyeSquintLeft",
        "eyeSquintRight",
        "eyeWideLeft",
        "eyeWideRight",
        "cheekSquintLeft",
        "cheekSquintRight",
        "noseSneerLeft",
        "noseSneerRight",
    )
)
BODY_REGIONS: tuple[Region, ...] = (Region.TRUNK, Region.ARMS, Region.HANDS)
NUM_EXPRESSIONS = len(EXPRESSION_CHANNELS)

_ROOT_DIM = 3
_BODY_DIMS = {region: 6 * len(REGION_BONES[region]) for region in BODY_REGIONS}
_BODY_DIMS[Region.TRUNK] += _ROOT_DIM

# Values of one region without velocities.
VALUE_DIMS: dict[Region, int] = {**_BODY_DIMS, Region.FACE: NUM_EXPRESSIONS + 3}
# What the tokenizer codes: body values with their velocities, face values alone.
REGION_DIMS: dict[Region, int] = {
    region: dim * (1 if region == Region.FACE else 2) for region, dim in VALUE_DIMS.items()
}
POSE_DIM = sum(REGION_DIMS.values())
REGION_SLICES: dict[Region, slice] = {}
_start = 0
for _region in Region:
    REGION_SLICES[_region] = slice(_start, _start + REGION_DIMS[_region])
    _start += REGION_DIMS[_region]
