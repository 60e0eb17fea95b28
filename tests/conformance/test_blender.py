"""An armature in Blender, posed by VMC: the places are those of Blender's own pose bones.

The `bpy` package (373 MB) wants an older numpy than ours, so UMO_BPY_PYTHON names a Python that has
it: `python3.11 -m venv V && V/bin/pip install bpy==4.5.15`, then `UMO_BPY_PYTHON=V/bin/python`.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.conformance.golden_poses import POSES, poses_of
from tests.conformance.lock_step import messages_of
from tests.conformance.seen import BLENDER, Seen
from tests.engine_bridge.osc_reader import bones

pytestmark = [pytest.mark.receiver, pytest.mark.nightly]

RECEIVER = Path(__file__).parent / "blender" / "receiver.py"
SHOWN = ("body", "head", "eyes")


@pytest.fixture(scope="module")
def answers() -> dict[str, Seen]:
    python = os.environ.get("UMO_BPY_PYTHON")
    if not python:
        pytest.skip("no Blender; UMO_BPY_PYTHON names no Python with bpy")
    frames = {name: bones(messages) for name, messages in messages_of("vmc").items()}
    blender = subprocess.run(
        (python, RECEIVER),
        input=json.dumps({"skeleton": BLENDER.skeleton(), "frames": frames}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert blender.returncode == 0, blender.stderr
    shown = json.loads(blender.stdout.splitlines()[-1])
    return {name: Seen.through(BLENDER, each, {}) for name, each in shown.items()}


@pytest.mark.parametrize("name", poses_of(SHOWN))
def test_golden_poses(answers: dict[str, Seen], name: str) -> None:
    POSES[name].assert_seen(answers[name], SHOWN)
