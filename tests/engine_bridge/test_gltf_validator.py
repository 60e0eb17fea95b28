"""Khronos's own validator on what we write. It is fetched once, to a folder of the user's caches.

Run with `pytest -m receiver`; needs node and npm.
"""

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from engine_bridge import open_recorder
from tests.engine_bridge.bridge_frames import make_frame, utterance
from tests.fetched import npm_packages

pytestmark = [pytest.mark.receiver, pytest.mark.slow]

VALIDATOR = "gltf-validator@2.0.0-dev.3.10"
SCRIPT = """
const validator = require('gltf-validator');
const bytes = new Uint8Array(require('fs').readFileSync(process.argv[1]));
validator.validateBytes(bytes, { maxIssues: 0 })
  .then((report) => console.log(JSON.stringify(report.issues)));
"""
# Informative only: the validator knows no VRM, and expressions are nodes that hold nothing.
EXPECTED = {".glb": set(), ".vrma": {"UNSUPPORTED_EXTENSION", "NODE_EMPTY"}}


@pytest.fixture(scope="session")
def validator() -> Path:
    """The folder that the validator is installed in."""
    if shutil.which("node") is None:
        pytest.skip("no node; apt-get install nodejs")
    return npm_packages(VALIDATOR)


def issues(validator: Path, path: Path) -> dict[str, Any]:
    done = subprocess.run(
        ["node", "-e", SCRIPT, str(path)],
        cwd=validator,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("suffix", [".glb", ".vrma"])
@pytest.mark.parametrize("frames", [utterance(90), [make_frame()], []], ids=["90", "one", "none"])
def test_no_error_and_no_warning(validator: Path, tmp_path: Path, suffix: str, frames: Any) -> None:
    path = tmp_path / f"take{suffix}"
    recorder = open_recorder(path, 30)
    for frame in frames:
        recorder.write(frame)
    recorder.close()
    found = issues(validator, path)
    codes = Counter(message["code"] for message in found["messages"])
    assert (found["numErrors"], found["numWarnings"], found["numHints"]) == (0, 0, 0), codes
    assert set(codes) <= EXPECTED[suffix]


def test_the_validator_finds_what_is_wrong(validator: Path, tmp_path: Path) -> None:
    path = tmp_path / "take.glb"
    recorder = open_recorder(path, 30)
    recorder.write(make_frame())
    recorder.close()
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"type":"VEC4"', b'"type":"VEC3"', 1))
    assert issues(validator, path)["numErrors"] > 0
