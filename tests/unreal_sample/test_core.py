"""The C++ core of the Unreal plugin: compiled, tested and set against a real `umo serve`."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.cli.bench_speech import load_speech
from umo_runtime.skeleton import BONES, PARENTS, REST_OFFSETS_M

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "unreal_sample"
GOLDEN = ROOT / "tests" / "golden" / "wire"
_SERVE = "import sys; from umo_runtime.cli.main import main; sys.exit(main())"
_SANITIZERS = {"address": "address,undefined", "thread": "thread"}
_TOOLS = ("cmake", "g++")
pytestmark = [
    pytest.mark.receiver,
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(shutil.which, _TOOLS)), reason="no cmake or g++: apt install cmake g++"
    ),
]
Run = Callable[..., str]


@pytest.fixture(scope="module", params=list(_SANITIZERS))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs, built with a sanitizer and with every warning an error."""
    built: Path = tmp_path_factory.mktemp(request.param)
    options = ("-DCMAKE_CXX_COMPILER=g++", "-DCMAKE_BUILD_TYPE=Debug")  # half the time of Release
    sanitizer = f"-DUMO_SANITIZE={_SANITIZERS[request.param]}"
    _checked("cmake", "-S", SOURCE, "-B", built, sanitizer, *options)
    _checked("cmake", "--build", built, "-j2")
    return built


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of speech, 16 kHz int16."""
    path: Path = tmp_path_factory.mktemp("speech") / "speech.s16"
    samples = load_speech()[5120 : 5120 + 48_000]
    np.clip(samples * 32768, -32768, 32767).round().astype("<i2").tofile(path)
    return path


@contextmanager
def serving(port: int = 0) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a server in a process of its own."""
    options = ("--port", str(port), "--websocket-port", "-1", "--streams", "20")
    with subprocess.Popen(
        (sys.executable, "-c", _SERVE, "serve", *options), stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().split()[2], server
        server.kill()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as (address, _):
        yield address


def _checked(*command: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, timeout=280
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_units_against_the_golden_files(folder: Path) -> None:
    assert ", 0 failed" in _checked(folder / "umo_unit", GOLDEN)


@pytest.mark.parametrize("seed", [1, 2])
def test_no_bytes_harm_the_decoder(folder: Path, seed: int) -> None:
    assert "understood" in _checked(folder / "umo_fuzz", GOLDEN, seed, 20_000)


@pytest.mark.parametrize("scenario", ["talk", "interrupt"])
def test_a_session(folder: Path, url: str, speech: Path, scenario: str) -> None:
    _checked(folder / "umo_live", scenario, url, speech)


def test_sixteen_characters_for_ten_seconds(folder: Path, url: str, speech: Path) -> None:
    assert "16 characters" in _checked(folder / "umo_live", "crowd", url, speech, 16, 10)


def test_fifty_starts_and_stops(folder: Path, url: str, speech: Path) -> None:
    assert "50 cycles" in _checked(folder / "umo_live", "cycles", url, speech, 50)


def test_a_server_that_was_killed_and_came_back(folder: Path, speech: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(part) for part in (folder / "umo_live", "come_back", f"tcp://127.0.0.1:{port}")]
    with serving(port) as (_, server):
        game = subprocess.Popen((*command, str(speech)), stdout=subprocess.PIPE, text=True)
        with game:
            assert game.stdout is not None
            assert game.stdout.readline() == "speaks\n"
            server.kill()
            server.wait()
            assert game.stdout.readline() == "lost\n"
            with serving(port):
                said = game.stdout.read()
                assert game.wait() == 0, said
    assert "missing" in said


def test_a_scenario_that_is_none_is_said(folder: Path, speech: Path) -> None:
    done = subprocess.run(
        (str(folder / "umo_live"), "dance", "tcp://127.0.0.1:1", str(speech)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no such scenario" in done.stderr


def test_the_skeleton_is_ours() -> None:
    header = (SOURCE / "UmoLiveLink/Source/UmoCore/Public/UmoSkeleton.h").read_text()
    rows = [line.strip() for line in header.splitlines() if line.strip().startswith('{"')]
    assert len(rows) == len(BONES)
    for row, name, parent, offset in zip(rows, BONES, PARENTS, REST_OFFSETS_M, strict=True):
        fields = row.strip("{},").replace("{", "").split(", ")
        assert fields[:2] == [f'"{name}"', str(parent)]
        np.testing.assert_allclose([float(value.rstrip("f")) for value in fields[2:]], offset)


def test_the_blendshapes_are_ours() -> None:
    header = (SOURCE / "UmoLiveLink/Source/UmoCore/Public/UmoBlendshapes.h").read_text()
    names = [word.strip('",') for word in header.split() if word.startswith('"')]
    assert [name[0].lower() + name[1:] for name in names] == list(BLENDSHAPES)
