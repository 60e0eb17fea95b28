"""three-vrm in headless Chromium: avatars of both versions of VRM, moved by VMC and by .vrma."""

import base64
import io
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from engine_bridge import open_recorder, open_sink
from tests.conformance.browser_page import BrowserPage, opened_page
from tests.conformance.golden_poses import PARTS, POSES
from tests.conformance.lock_step import lock_step
from tests.conformance.seen import GLTF, Seen
from tests.conformance.vrm_avatar import SIZE, avatar
from tests.engine_bridge.bridge_frames import FPS, golden_frame
from tests.engine_bridge.udp_receiver import open_receiver, url_of
from tests.fetched import npm_packages
from umo_runtime.clock import ManualClock

pytestmark = [pytest.mark.receiver, pytest.mark.slow]

PACKAGES = (
    "three@0.187.0",
    "@pixiv/three-vrm@3.5.5",
    "@pixiv/three-vrm-animation@3.5.5",
    "osc@2.4.5",
)
VERSIONS = (0, 1)
APPLY = b"/VMC/Ext/Blend/Apply\0\0\0\0,\0\0\0"
# What moves an avatar: VMC for normalised bones with the face of perfect sync, or for the model's
# own with that of presets; and the two animations of a recording.
NORMALISED, RAW = "normalised", "raw"
ANIMATIONS = ("presets", "perfect sync")
WITH_PRESETS = (RAW, "presets")
DRIVES = (NORMALISED, RAW, *ANIMATIONS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("three_vrm")
    for version in VERSIONS:
        (made / f"{version}.vrm").write_bytes(avatar(version))
    recorder = open_recorder(made / "take.vrma", FPS)
    for index, pose in enumerate(POSES.values()):
        recorder.write(replace(pose.frame, index=index, time_s=index / FPS))
    recorder.close()
    return made


@pytest.fixture(scope="module")
def page(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserPage]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no browser; apt-get install chromium")
    modules = npm_packages(*PACKAGES) / "node_modules"
    files = {"": Path(__file__).parent / "browser", "node_modules": modules, "made": folder}
    with opened_page(chromium, files, tmp_path_factory.mktemp("chromium")) as opened:
        assert opened.answer()["ready"] == "187"
        yield opened


@pytest.fixture(scope="module", params=[(v, d) for v in VERSIONS for d in DRIVES], ids=str)
def shown(
    request: pytest.FixtureRequest, page: BrowserPage, folder: Path
) -> tuple[str, dict[str, Seen]]:
    """What moved an avatar, and what the page showed of every pose."""
    version, drive = request.param
    assert page.ask(load=f"/made/{version}.vrm") == {"version": str(version)}
    move = recorded_motion if drive in ANIMATIONS else live_motion
    answers = move(page, folder / f"{version}.vrm", drive)
    return drive, {
        name: Seen.through(GLTF, unity_names(answer["bones"]), answer["face"], SIZE)
        for name, answer in answers.items()
    }


def live_motion(page: BrowserPage, model: Path, drive: str) -> dict[str, Any]:
    page.tell(drive=drive)
    presets = "vrm1" if model.stem == "1" else "vrm"
    options = "bone_space=vrm0" if drive == NORMALISED else f"bone_space=raw&blend={presets}"
    with open_receiver() as receiver:
        url = url_of(receiver, "vmc", f"?model={model}&{options}")
        return lock_step(url, lambda: forward_frame(receiver, page))


def forward_frame(receiver: socket.socket, page: BrowserPage) -> dict[str, Any]:
    """Hand the page the datagrams of a frame; what it shows then."""
    datagram = b""
    while not datagram.endswith(APPLY):
        datagram = receiver.recv(65536)
        page.forward(datagram)
    return page.answer()


def recorded_motion(page: BrowserPage, _: Path, drive: str) -> dict[str, Any]:
    times = [index / FPS for index in range(len(POSES))]
    answers = page.ask(play="/made/take.vrma", times=times, animation=ANIMATIONS.index(drive))
    return dict(zip(POSES, answers, strict=True))


def unity_names(bones: dict[str, Any]) -> dict[str, Any]:
    """By Unity's names, which count the thumb from the knuckle and not from the wrist."""
    theirs = {"ThumbMetacarpal": "ThumbProximal", "ThumbProximal": "ThumbIntermediate"}
    named = {}
    for name, pose in bones.items():
        side, thumb, part = name.partition("Thumb")
        ours = side + theirs.get(thumb + part, thumb + part)
        named[ours[0].upper() + ours[1:]] = pose
    return named


@pytest.mark.parametrize("name", POSES)
def test_golden_poses(shown: tuple[str, dict[str, Seen]], name: str) -> None:
    drive, seen = shown
    parts = PARTS - {"blendshapes"} if drive in WITH_PRESETS else PARTS
    POSES[name].assert_seen(seen[name], parts)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_picture_has_its_left_hand_up(
    page: BrowserPage, folder: Path, tmp_path: Path, version: int
) -> None:
    page.ask(load=f"/made/{version}.vrm")
    page.tell(drive=NORMALISED)
    with open_receiver() as receiver:
        url = url_of(receiver, "vmc", f"?model={folder / str(version)}.vrm&bone_space=vrm0")
        sink = open_sink(url, ManualClock())
        sink.write(golden_frame())
        sink.close()
        forward_frame(receiver, page)
    shot = page.ask(shoot=True)
    picture = Image.open(io.BytesIO(base64.b64decode(shot["picture"].partition(",")[2])))
    picture.save(tmp_path / "left_arm_up.png")
    drawn = ImageChops.invert(picture.convert("L")).point(lambda light: 255 * (light > 25))
    top, middle = drawn.height // 4, drawn.width // 2
    # The one who looks at it sees its left hand on the right.
    assert drawn.crop((middle + 60, 0, drawn.width, top)).getbbox() is not None
    assert drawn.crop((0, 0, middle - 20, top)).getbbox() is None
