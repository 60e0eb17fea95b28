from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, NUM_BLENDSHAPES
from umo_runtime.skeleton import (
    BONE_INDEX,
    IDENTITY_ROTATIONS,
    REST_OFFSETS_M,
    FloatArray,
    rotate,
)
from umo_runtime.stick_figure import (
    CLOSE_UP,
    FRONT,
    SIDE,
    View,
    animate,
    contact_sheet,
    draw_pose,
    draw_report,
)
from umo_runtime.stick_figure.camera import Camera
from umo_runtime.stick_figure.cones import intersect
from umo_runtime.stick_figure.face import face_patches

ROOT = REST_OFFSETS_M[0]
SIZE = (160, 200)


def face(**values: float) -> FloatArray:
    blendshapes = np.zeros(NUM_BLENDSHAPES, np.float32)
    for name, value in values.items():
        blendshapes[BLENDSHAPE_INDEX[name]] = value
    return blendshapes


def pixels(picture: Image.Image) -> FloatArray:
    return np.asarray(picture, np.float32)


def half_turn(bone: str, axis: tuple[float, float, float]) -> FloatArray:
    rotations = IDENTITY_ROTATIONS.copy()
    rotations[BONE_INDEX[bone]] = (*axis, 0.0)
    return rotations


def teal_and_coral(picture: Image.Image) -> tuple[float, float]:
    """Mean pixel column of the left (teal) and the right (coral) limbs."""
    red, green, blue = np.moveaxis(pixels(picture), -1, 0)
    teal, coral = (green > red + 40) & (blue > red + 40), (red > blue + 40) & (red > green + 50)
    return float(np.nonzero(teal)[1].mean()), float(np.nonzero(coral)[1].mean())


def test_the_characters_left_is_on_the_pictures_right() -> None:
    picture = draw_pose(IDENTITY_ROTATIONS, ROOT, size=SIZE)
    assert picture.size == SIZE
    teal, coral = teal_and_coral(picture)
    assert teal > SIZE[0] / 2 > coral


def test_from_behind_the_sides_change() -> None:
    teal, coral = teal_and_coral(draw_pose(half_turn("Hips", (0, 1, 0)), ROOT, size=SIZE))
    assert teal < coral


def test_a_face_turned_away_is_not_drawn() -> None:
    shut, loud = face(), face(jawOpen=0.0, mouthSmileLeft=1, mouthSmileRight=1, eyeBlinkLeft=1)
    away = half_turn("Head", (0, 1, 0))
    drawn = [
        pixels(draw_pose(away, ROOT, value, view=CLOSE_UP, size=SIZE)) for value in (shut, loud)
    ]
    np.testing.assert_array_equal(*drawn)
    seen = [
        pixels(draw_pose(IDENTITY_ROTATIONS, ROOT, value, view=CLOSE_UP, size=SIZE))
        for value in (shut, loud)
    ]
    assert np.abs(seen[0] - seen[1]).max() > 50


@pytest.mark.parametrize(
    "name",
    [
        "jawOpen",
        "mouthPucker",
        "mouthFunnel",
        "mouthSmileLeft",
        "mouthLeft",
        "eyeBlinkLeft",
        "eyeLookInLeft",
        "eyeLookUpRight",
        "eyeWideRight",
        "browInnerUp",
        "browDownLeft",
        "browOuterUpRight",
    ],
)
def test_blendshapes_move_the_face(name: str) -> None:
    def outline(value: float) -> list[FloatArray]:
        return [patch.outline for patch in face_patches(face(**{name: value}))]

    still, moved = outline(0), outline(1)
    assert len(still) != len(moved) or any(
        np.abs(a - b).max() > 1e-3 for a, b in zip(still, moved, strict=True)
    )


def test_every_face_is_finite_and_lies_on_the_head() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        for patch in face_patches(rng.uniform(0, 1, NUM_BLENDSHAPES).astype(np.float32)):
            assert np.isfinite(patch.outline).all()
            assert np.abs(patch.outline[:, 0]).max() < 0.09


def test_rays_meet_balls_and_hulls() -> None:
    start, end = np.zeros(3, np.float32), np.array([2, 0, 0], np.float32)
    x, y = np.array([0.0, 1.0, 2.6, 5.0], np.float32), np.zeros(4, np.float32)
    z, normal = intersect(x, y, start, end, 1.0, 1.0)
    np.testing.assert_allclose(z[:2], 1.0, atol=1e-5)
    np.testing.assert_allclose(normal[:2], [[0, 0, 1]] * 2, atol=1e-5)
    assert abs(z[2] - 0.8) < 1e-5
    assert z[3] == -np.inf


def test_a_ball_inside_the_other_is_just_the_ball() -> None:
    point = np.array([0, 0, 0.1], np.float32)
    zero = np.zeros(1, np.float32)
    z, _ = intersect(zero, zero, np.zeros(3, np.float32), point, 1.0, 0.2)
    np.testing.assert_allclose(z, 1.0)


def test_the_side_view_looks_from_the_left() -> None:
    camera = Camera(SIDE, np.zeros(3, np.float32), 100, 100)
    ahead = camera.project(np.array([0, SIDE.centre_y_m, 1], np.float32))
    assert ahead[0] < 50  # the character faces the picture's left
    left = camera.project(np.array([1, SIDE.centre_y_m, 0], np.float32))
    assert left[2] > 0.9


def test_the_camera_keeps_lengths() -> None:
    camera = Camera(View(yaw_deg=33, pitch_deg=21), ROOT, 100, 100)
    turn = camera.turn()
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-6)
    assert np.linalg.det(turn) > 0.99


def test_a_contact_sheet_is_filled_row_by_row() -> None:
    tiles = [Image.new("RGB", (10, 6), (value, 0, 0)) for value in (10, 20, 30)]
    sheet = contact_sheet(tiles, 2, gap=2)
    assert sheet.size == (22, 14)
    assert [sheet.getpixel(at)[0] for at in ((1, 1), (13, 1), (1, 9))] == [10, 20, 30]  # type: ignore[index]


def test_a_report_shows_poses_curves_and_waveform() -> None:
    rotations = np.tile(IDENTITY_ROTATIONS, (30, 1, 1))
    root = np.tile(ROOT, (30, 1))
    samples = np.sin(np.arange(16_000) / 20).astype(np.float32)
    blendshapes = np.tile(face(jawOpen=0.5), (30, 1))
    page = draw_report(
        [0.1, 0.6], rotations, root, blendshapes, samples, size=(80, 100), views=(FRONT,)
    )
    plain = draw_report([0.1, 5.0], rotations, root, None, samples, size=(80, 100), views=(FRONT,))
    assert page.width == plain.width == 164
    assert page.height > plain.height


@pytest.mark.parametrize("ending", [".webp", ".gif"])
def test_animations_play(tmp_path: Path, ending: str) -> None:
    rotations = np.tile(IDENTITY_ROTATIONS, (6, 1, 1))
    turn = rotate(IDENTITY_ROTATIONS[0], np.array([0, 0, 1], np.float32))
    assert turn[2] == 1
    rotations[3:, BONE_INDEX["LeftUpperArm"]] = (0, 0, -0.5, 0.866)
    path = tmp_path / f"a{ending}"
    animate(path, rotations, np.tile(ROOT, (6, 1)), views=(FRONT,), size=(60, 80))
    with Image.open(path) as picture:
        assert picture.size == (60, 80)
        assert getattr(picture, "n_frames", 1) >= 2
