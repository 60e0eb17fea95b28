import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.unity_sample.mono_program import MonoProgram, compile_tests, compile_unity
from tests.unity_sample.serve_process import ServeProcess
from umo_runtime.cli.bench_speech import load_speech


@pytest.fixture(scope="session")
def mono(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to compile to, where there is a compiler."""
    if not (shutil.which("mcs") and shutil.which("mono")):
        pytest.skip("no mono; apt-get install mono-mcs mono-runtime libmono-system-core4.0-cil")
    return tmp_path_factory.mktemp("mono")


@pytest.fixture(scope="session")
def program(mono: Path) -> MonoProgram:
    """The compiled tests of Runtime/Core."""
    (folder := mono / "core").mkdir()
    return compile_tests(folder)


@pytest.fixture(scope="session")
def unity(mono: Path) -> MonoProgram:
    """The compiled tests of Runtime/Unity."""
    (folder := mono / "unity").mkdir()
    return compile_unity(folder)


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of speech, 16-bit samples at 16 kHz."""
    file = tmp_path_factory.mktemp("speech") / "speech.s16"
    file.write_bytes((load_speech()[5120 : 5120 + 64_000] * 32767).astype("<i2").tobytes())
    assert file.stat().st_size == 2 * 64_000
    assert np.fromfile(file, "<i2").std() > 100
    return file


@pytest.fixture(scope="module")
def server() -> Iterator[ServeProcess]:
    """A running `umo serve`."""
    with ServeProcess() as process:
        yield process
