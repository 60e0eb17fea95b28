"""The C# client compiled ahead of time as a whole, as IL2CPP does: nothing may be made at run time.

It is mono's ahead-of-time compiler, so this shows that no code needs a just-in-time compiler; what
IL2CPP strips or translates otherwise is not seen here.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.golden.write_wire import FOLDER
from tests.unity_sample.mono_program import ASSEMBLY, TESTS, MonoProgram, compile_csharp
from tests.unity_sample.serve_process import ServeProcess
from tests.unity_sample.test_core import ALONE
from tests.unity_sample.test_session import check, watched

pytestmark = [pytest.mark.receiver, pytest.mark.slow]
RUNTIME = Path("/usr/lib/mono/4.5")
LIBRARIES = (
    *("mscorlib", "System", "System.Core", "System.Configuration", "System.Xml"),
    *("System.Security", "System.Numerics", "Mono.Security"),
)
CONTROL = "JitProgram.exe"


@pytest.fixture(scope="module")
def aot(program: MonoProgram, tmp_path_factory: pytest.TempPathFactory) -> MonoProgram:
    """The tests and all that they use, compiled ahead of time."""
    missing = [name for name in LIBRARIES if not (RUNTIME / f"{name}.dll").exists()]
    if missing or not (shutil.which("as") and shutil.which("gcc")):
        pytest.skip(f"no assembler, or no {missing}; apt-get install gcc libmono-system4.0-cil")
    folder = tmp_path_factory.mktemp("aot")
    for library in LIBRARIES:
        shutil.copy(RUNTIME / f"{library}.dll", folder)
    for name in (ASSEMBLY, TESTS):
        shutil.copy(program.folder / name, folder)
    compile_csharp(folder / CONTROL, Path(__file__).parent / "csharp_jit")
    environment = {"MONO_PATH": str(folder)}
    names = (*(f"{library}.dll" for library in LIBRARIES), ASSEMBLY, TESTS, CONTROL)
    for name in names:
        subprocess.run(
            ("mono", "--aot=full", name),
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", **environment},
            check=True,
            capture_output=True,
        )
    return MonoProgram(folder, ("mono", "--full-aot"), environment)


def test_code_that_is_made_at_run_time_fails(aot: MonoProgram) -> None:
    failed = subprocess.run(
        (*aot.command, str(aot.folder / CONTROL)),
        env={"PATH": "/usr/bin:/bin", **aot.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert failed.returncode != 0
    assert "JIT compile" in failed.stderr
    assert "answer" not in failed.stdout


@pytest.mark.parametrize("test", ALONE)
def test_alone(aot: MonoProgram, test: str) -> None:
    aot.run(test)


def test_messages(aot: MonoProgram) -> None:
    aot.run("written_messages", FOLDER)
    aot.run("read_messages", FOLDER)
    aot.run("fuzzed_messages", FOLDER, 200)


def test_a_session(aot: MonoProgram, server: ServeProcess, speech: Path) -> None:
    check(watched(aot, server.url, 4, 10, speech, on={}))
