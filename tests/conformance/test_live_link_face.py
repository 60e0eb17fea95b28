"""Live Link Face packets: what their angles and blendshapes say of the face."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tests.conformance.golden_poses import PARTS, POSES, poses_of
from tests.conformance.lock_step import lock_step
from tests.conformance.seen import GLTF, Seen
from tests.engine_bridge.live_link_reader import read_packet
from tests.engine_bridge.udp_receiver import open_receiver, url_of
from tests.fetched import pip_packages

FACE = PARTS - {"body"}
# Its licence is not stated, so nothing may depend on it; it runs in a process of its own.
PACKAGES = ("PyLiveLinkFace==0.1", "timecode==1.4.1")
DECODE = """
import json, sys
from pylivelinkface import FaceBlendShape, PyLiveLinkFace
for line in sys.stdin:
    is_face, packet = PyLiveLinkFace.decode(bytes.fromhex(line))
    print(json.dumps({shape.name: packet.get_blendshape(shape) for shape in FaceBlendShape}))
"""


@pytest.fixture(scope="module")
def packets() -> dict[str, bytes]:
    with open_receiver() as receiver:
        return lock_step(url_of(receiver, "livelink"), lambda: receiver.recv(65536))


def seen(values: dict[str, float]) -> Seen:
    """The face, by the words of the app: which way does it go as an angle grows?"""
    head = by_angles(values, "Head", "left", "up")
    fronts = {"Head": head}
    for eye in ("LeftEye", "RightEye"):
        fronts[eye] = head * by_angles(values, eye, "right", "down")
    shown = {name: [0.0, 0, 0, *turned.apply(GLTF.front)] for name, turned in fronts.items()}
    for name, _, offset in GLTF.skeleton():
        if name in ("LeftEye", "RightEye"):
            shown[name][:3] = head.apply(offset)
    face = {name[0].lower() + name[1:]: value for name, value in values.items()}
    return Seen.through(GLTF, shown, face)


def by_angles(values: dict[str, float], part: str, yaw_to: str, pitch_to: str) -> Rotation:
    """Yaw, then pitch, then roll to its own left shoulder, in a space of its left, up and front."""
    yaw, pitch, roll = (values[f"{part}{angle}"] for angle in ("Yaw", "Pitch", "Roll"))
    to_left = Rotation.from_rotvec([0, yaw if yaw_to == "left" else -yaw, 0])
    upwards = Rotation.from_rotvec([-pitch if pitch_to == "up" else pitch, 0, 0])
    return to_left * upwards * Rotation.from_rotvec([0, 0, -roll])


@pytest.mark.parametrize("name", poses_of(FACE))
def test_golden_poses(packets: dict[str, bytes], name: str) -> None:
    POSES[name].assert_seen(seen(read_packet(packets[name]).values), FACE)


@pytest.mark.receiver
def test_py_live_link_face_reads_the_same(packets: dict[str, bytes]) -> None:
    folder = pip_packages(*PACKAGES)
    decoder = subprocess.run(
        (sys.executable, "-c", DECODE),
        input="\n".join(packet.hex() for packet in packets.values()),
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert decoder.returncode == 0, decoder.stderr
    decoded = dict(zip(packets, map(json.loads, decoder.stdout.splitlines()), strict=True))
    for name in poses_of(FACE):
        POSES[name].assert_seen(seen(decoded[name]), FACE)
    for name, packet in packets.items():
        values = read_packet(packet).values
        np.testing.assert_array_equal([decoded[name][of] for of in values], list(values.values()))
