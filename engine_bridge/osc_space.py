"""The spaces in which an OSC receiver may want poses: ours, Unity's or Unreal's.

| space | unit | hand | x, y, z of the character | angles ex, ey, ez, in degrees |
|---|---|---|---|---|
| ours | m | right | left, up, forward | R = Ry Rx Rz |
| unity | m | left | right, up, forward | `Transform.localEulerAngles`: R = Ry Rx Rz |
| unreal | cm | left | left, forward, up | `FRotator`: Roll, Pitch, Yaw |

Source: `engine_bridge.coordinates`; VRM4U, VMC4UE and VMCLiveLink agree on Unity to Unreal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from engine_bridge.euler import AngleArray, to_yxz
from umo_runtime.types import FloatArray


@dataclass(frozen=True)
class OscSpace:
    """Axes and angles of a space.

    Attributes:
        axes: which of our axes is its x, y, z.
        signs: of these axes.
        is_mirrored: it is left-handed.
        units_per_m: its unit of length.
        euler_axes: which of its axes turn in the middle, first and last: x, y, z of R = Ry Rx Rz.
        euler_signs: of the angles about its own x, y, z.
    """

    axes: tuple[int, int, int] = (0, 1, 2)
    signs: tuple[int, int, int] = (1, 1, 1)
    is_mirrored: bool = False
    units_per_m: float = 1.0
    euler_axes: tuple[int, int, int] = (0, 1, 2)
    euler_signs: tuple[int, int, int] = (1, 1, 1)

    def position(self, position_m: FloatArray) -> FloatArray:
        """Convert positions [..., 3] in metres to this space's unit."""
        scales = np.array(self.signs, np.float32) * np.float32(self.units_per_m)
        return position_m[..., self.axes] * scales

    def rotation(self, rotation: FloatArray) -> FloatArray:
        """Convert rotations [..., 4] xyzw."""
        # A mirror also turns the axis of a rotation round.
        signs = np.array(self.signs, np.float32) * np.float32(-1 if self.is_mirrored else 1)
        turned = rotation[..., (*self.axes, 3)]
        turned[..., :3] *= signs
        return turned

    def euler_deg(self, rotation: FloatArray) -> AngleArray:
        """Split rotations of this space, [..., 4] xyzw, into degrees [..., 3] about x, y, z."""
        angles = np.degrees(to_yxz(rotation[..., (*self.euler_axes, 3)]))
        split: AngleArray = angles[..., np.argsort(self.euler_axes)] * np.array(self.euler_signs)
        return split


OSC_SPACES: Mapping[str, OscSpace] = MappingProxyType(
    {
        "ours": OscSpace(),
        "unity": OscSpace(signs=(-1, 1, 1), is_mirrored=True),
        "unreal": OscSpace(
            axes=(0, 2, 1),
            is_mirrored=True,
            units_per_m=100.0,
            euler_axes=(1, 2, 0),
            euler_signs=(-1, -1, 1),
        ),
    }
)
