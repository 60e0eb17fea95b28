"""A short moving picture, for the README."""

from pathlib import Path

from PIL import Image

from umo_runtime.skeleton import FloatArray
from umo_runtime.stick_figure.camera import CLOSE_UP, FRONT, View
from umo_runtime.stick_figure.picture import contact_sheet, draw_pose
from umo_runtime.types import FRAME_RATE_HZ


def animate(
    path: Path,
    rotations: FloatArray,
    root_position: FloatArray,
    blendshapes: FloatArray | None = None,
    *,
    views: tuple[View, ...] = (FRONT, CLOSE_UP),
    size: tuple[int, int] = (300, 400),
    frames_per_picture: int = 2,
    quality: int = 60,
) -> None:
    """Write an animated WebP, or a GIF when `path` ends in `.gif`.

    Args:
        path: the file to write.
        rotations: [T, 55, 4] at 30 fps.
        root_position: [T, 3].
        blendshapes: [T, 52], or none for a neutral face.
        views: shown side by side.
        size: of each view in pixels.
        frames_per_picture: 2 shows every second frame (15 pictures a second).
        quality: of the WebP, 0..100.
    """
    pictures: list[Image.Image] = []
    for frame in range(0, len(rotations), frames_per_picture):
        face = None if blendshapes is None else blendshapes[frame]
        drawn = [
            draw_pose(rotations[frame], root_position[frame], face, view=view, size=size)
            for view in views
        ]
        pictures.append(contact_sheet(drawn, len(drawn)))
    duration_ms = round(1000 * frames_per_picture / FRAME_RATE_HZ)
    pictures[0].save(
        path,
        save_all=True,
        append_images=pictures[1:],
        duration=duration_ms,
        loop=0,
        quality=quality,
        method=4,
    )
