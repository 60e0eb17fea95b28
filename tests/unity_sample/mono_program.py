"""The Unity package and its C# tests, compiled and run by mono.

The compiler is Debian's `mcs` 6.8: what it takes, every Unity of the last years takes, too.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "unity_sample"
CORE = PACKAGE / "Runtime" / "Core"
SOURCES = Path(__file__).parent / "csharp"
STUB = Path(__file__).parent / "csharp_stub"
UNITY_SOURCES = Path(__file__).parent / "csharp_unity"
ASSEMBLY, TESTS, UNITY_TESTS = "Umo.Core.dll", "Umo.Core.Tests.exe", "Umo.Unity.Tests.exe"
# 1573: a parameter whose name says all needs no sentence. Other gaps in the documentation of what
# is public are errors, as all warnings are.
_STRICT = ("-langversion:7", "-warn:4", "-warnaserror", "-nowarn:1573")


@dataclass(frozen=True)
class MonoProgram:
    """The compiled tests.

    Attributes:
        folder: where they are.
        command: what runs a program.
        environment: of that.
        name: of the program.
    """

    folder: Path
    command: tuple[str, ...] = ("mono", "--debug")
    environment: dict[str, str] = field(default_factory=dict)
    name: str = TESTS

    def run(self, test: str, *arguments: object, timeout_s: float = 120) -> str:
        """Run one test to its end; returns what it printed."""
        with self.started(test, *arguments) as process:
            printed, _ = process.communicate(timeout=timeout_s)
        assert process.returncode == 0, printed
        assert f"passed {test}" in printed
        return str(printed)

    @contextmanager
    def started(self, test: str, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
        """Run one test; its lines can be read as they come."""
        command = (*self.command, str(self.folder / self.name), test, *map(str, arguments))
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), **self.environment},
        ) as process:
            try:
                yield process
            finally:
                process.kill()


def compile_tests(folder: Path) -> MonoProgram:
    """Compile Core as an assembly of its own, then its tests against it."""
    core, tests = folder / ASSEMBLY, folder / TESTS
    documentation = f"-doc:{core.with_suffix('.xml')}"
    compile_csharp(core, CORE, *_STRICT, documentation, "-target:library")
    compile_csharp(tests, SOURCES, *_STRICT, f"-r:{core}")
    return MonoProgram(folder)


def compile_unity(folder: Path) -> MonoProgram:
    """Compile every assembly of the package against a stub of Unity's API, then their tests."""
    stub, core, unity = (
        folder / f"{name}.dll" for name in ("UnityEngine", "Umo.Core", "Umo.Unity")
    )
    samples, editor = folder / "Umo.Samples.dll", folder / "Umo.Editor.dll"
    public = (*_STRICT, "-target:library")
    compile_csharp(stub, STUB, *public)
    compile_csharp(core, CORE, *public)
    engine = (f"-r:{stub}", f"-r:{core}")
    documentation = f"-doc:{unity.with_suffix('.xml')}"
    compile_csharp(unity, PACKAGE / "Runtime" / "Unity", *public, documentation, *engine)
    used = (*engine, f"-r:{unity}")
    compile_csharp(editor, PACKAGE / "Editor", *public, *used)
    compile_csharp(samples, PACKAGE / "Samples~", *public, *used)
    tests = folder / UNITY_TESTS
    shared = (str(SOURCES / name) for name in ("Check.cs", "TestRun.cs"))
    compile_csharp(tests, UNITY_SOURCES, *_STRICT, *used, f"-r:{samples}", *shared)
    return MonoProgram(folder, name=UNITY_TESTS)


def compile_csharp(program: Path, sources: Path, *options: str) -> None:
    """Compile all files of a folder."""
    files = sorted(map(str, sources.rglob("*.cs")))
    compiler = subprocess.run(
        ("mcs", *options, f"-out:{program}", *files), capture_output=True, text=True, check=False
    )
    assert compiler.returncode == 0, compiler.stdout + compiler.stderr


def values(printed: str) -> dict[str, float]:
    """The lines `name number` of what a test printed."""
    pairs = (line.split(" ", 1) for line in printed.splitlines() if " " in line)
    return {name: float(value) for name, value in pairs if _is_number(value)}


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("E-", "", 1).lstrip("-").isdigit()
