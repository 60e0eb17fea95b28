"""A Skeleton in Godot 3, headless: it takes VMC off the socket and places the bones itself."""

import json
import shutil
import socket
from pathlib import Path

import pytest

from tests.conformance.golden_poses import POSES
from tests.conformance.lock_step import lock_step
from tests.conformance.receiver_process import receiving
from tests.conformance.seen import GODOT, Seen
from umo_runtime.blendshapes import BLENDSHAPES

pytestmark = pytest.mark.receiver

PROJECT = Path(__file__).parent / "godot"


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    if shutil.which("godot3-server") is None:
        pytest.skip("no Godot; apt-get install godot3-server")
    home = tmp_path_factory.mktemp("godot")
    project = shutil.copytree(PROJECT, home / "project")  # Godot writes beside what it reads
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as once:
        once.bind(("127.0.0.1", 0))
        port = once.getsockname()[1]
    skeleton = json.dumps(GODOT.skeleton())
    command = ("godot3-server", "--path", project, "--script", "receiver.gd")
    environment = {"HOME": str(home), "PORT": str(port), "SKELETON": skeleton}
    with receiving(command, environment) as process:
        assert process.answer() == {"port": port}
        shown = lock_step(f"vmc://127.0.0.1:{port}", process.answer)
        assert not [line for line in process.noise if "ERROR" in line]
    return {name: Seen.through(GODOT, each["bones"], each["face"]) for name, each in shown.items()}


@pytest.mark.parametrize("name", POSES)
def test_golden_poses(answers: dict[str, Seen], name: str) -> None:
    POSES[name].assert_seen(answers[name])


def test_every_blendshape_comes_every_frame(answers: dict[str, Seen]) -> None:
    for seen in answers.values():
        assert set(BLENDSHAPES) <= set(seen.face)
