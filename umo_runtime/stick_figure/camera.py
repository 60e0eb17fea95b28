"""Where the picture is taken from: orthographic, so that lengths compare across a picture."""

from dataclasses import dataclass

import numpy as np

from umo_runtime.skeleton import FloatArray


@dataclass(frozen=True, slots=True)
class View:
    """A camera.

    Attributes:
        yaw_deg: 0 looks the character in the face; positive walks round to the character's left.
        pitch_deg: positive looks down.
        centre_y_m: height in the middle of the picture.
        height_m: how much fits between the lower and the upper edge.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 6.0
    centre_y_m: float = 0.87
    height_m: float = 1.95


FRONT = View()
THREE_QUARTER = View(yaw_deg=40.0, pitch_deg=10.0)
SIDE = View(yaw_deg=90.0)
CLOSE_UP = View(pitch_deg=2.0, centre_y_m=1.40, height_m=0.85)


@dataclass(frozen=True, slots=True)
class Camera:
    """A view of one place, on a picture of `width` by `height` pixels."""

    view: View
    centre_m: FloatArray
    width: int
    height: int

    @property
    def pixels_per_m(self) -> float:
        """Scale of the picture."""
        return self.height / self.view.height_m

    def turn(self) -> FloatArray:
        """World to view directions, [3, 3]: x right, y up, z towards the viewer."""
        yaw, pitch = np.deg2rad(self.view.yaw_deg), np.deg2rad(self.view.pitch_deg)
        around = [[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]]
        down = [
            [1, 0, 0],
            [0, np.cos(pitch), -np.sin(pitch)],
            [0, np.sin(pitch), np.cos(pitch)],
        ]
        return np.asarray(np.array(down) @ np.array(around), np.float32)

    def project(self, points_m: FloatArray) -> FloatArray:
        """World points [..., 3] to pixel x, pixel y and nearness in metres."""
        middle = np.array([self.centre_m[0], self.view.centre_y_m, self.centre_m[2]], np.float32)
        seen = (points_m - middle) @ self.turn().T
        x = self.width / 2 + seen[..., 0] * self.pixels_per_m
        y = self.height / 2 - seen[..., 1] * self.pixels_per_m
        return np.stack((x, y, seen[..., 2]), axis=-1).astype(np.float32)
