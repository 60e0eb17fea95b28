"""The import rules, checked on the source and on a running interpreter."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def _inside(*names: str) -> set[str]:
    return {f"umo_runtime.{name}" for name in names}


LEAVES = {"umo_runtime"} | _inside(
    "types", "skeleton", "blendshapes", "controls", "config", "errors", "clock"
)
SIGNAL = _inside("audio", "nn")
NETWORKS = _inside("tokenizer", "predictor", "interpolator")
USES = _inside("engine", "training", "export")
LAYERS = (LEAVES, SIGNAL, NETWORKS)  # each may import itself and those before it

MAY_IMPORT: dict[str, set[str]] = {
    **{unit: set().union(*LAYERS[: n + 1]) for n, layer in enumerate(LAYERS) for unit in layer},
    **{unit: LEAVES | SIGNAL | NETWORKS | {unit} for unit in USES},
    "umo_runtime.audio": LEAVES | {"umo_runtime.audio"},
    "engine_bridge": LEAVES | {"engine_bridge"},
    "actors": LEAVES | SIGNAL | NETWORKS | USES | {"engine_bridge", "actors"},
}
MAY_IMPORT["umo_runtime.stick_figure"] = LEAVES | {"umo_runtime.stick_figure"}
MAY_IMPORT["umo_runtime.evaluation"] = (
    LEAVES | SIGNAL | NETWORKS | _inside("training", "stick_figure", "evaluation")
)
MAY_IMPORT["umo_runtime.cli"] = MAY_IMPORT["actors"] | _inside("cli", "stick_figure", "evaluation")

# Third-party packages that are not everyone's: who may import them.
_BUILDERS = _inside("training", "export")
_EVALUATION = _inside("evaluation")
_BRIDGE = {"engine_bridge"}
THIRD_PARTY: dict[str, set[str]] = {
    "torch": {"umo_runtime.nn", "umo_runtime.engine"} | NETWORKS | _BUILDERS | _EVALUATION,
    "ray": {"actors"},
    "tensorrt": _inside("export", "engine"),
    "tensorrt_rtx": _inside("export", "engine"),
    "onnxruntime": _inside("export", "engine"),
    "zmq": {"engine_bridge", "actors"},
    "websockets": _BRIDGE,
    "sounddevice": {"actors"},
    "typer": {"umo_runtime.cli"},
    "PIL": {"umo_runtime.stick_figure", "umo_runtime.cli"},
    "scipy": _BUILDERS | _EVALUATION,
    "onnx": _BUILDERS | _inside("engine"),
    **dict.fromkeys(("grpc", "google", "nvidia_ace", "nvidia_audio2face_3d"), _BRIDGE),
    **dict.fromkeys(("onnxscript", "tensorboard", "pocketsphinx", "hibari"), _BUILDERS),
}
ONLY_INSIDE_FUNCTIONS = {"ray", "sounddevice", "tensorrt", "tensorrt_rtx"}
NEVER = {"tests", "benchmarks", "examples"}

FILES = sorted(
    path.relative_to(ROOT)
    for package in ("umo_runtime", "actors", "engine_bridge")
    for path in (ROOT / package).rglob("*.py")
)


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


MODULES = {_module(path) for path in FILES}


def _unit(module: str) -> str:
    """The part of the system a module belongs to: `umo_runtime.nn.rotation` to `umo_runtime.nn`."""
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "umo_runtime" else parts[0]


def _imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Every imported module of a file, and whether the import runs when the file is imported."""
    tree = ast.parse((ROOT / path).read_bytes())
    late = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) not in late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: import by full name, not relatively"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module), id(node) not in late


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_follow_the_layers(path: Path) -> None:
    unit = _unit(_module(path))
    assert unit in MAY_IMPORT, f"{unit} has no place in the layers: add it to MAY_IMPORT"
    for name, at_once in _imports(path):
        root = name.split(".")[0]
        assert root not in NEVER, f"{path} imports {name}"
        if root in {"umo_runtime", "actors", "engine_bridge"}:
            assert _unit(name) in MAY_IMPORT[unit], f"{path}: {unit} may not import {name}"
        assert unit in THIRD_PARTY.get(root, {unit}), f"{path}: {unit} may not import {root}"
        assert not (at_once and root in ONLY_INSIDE_FUNCTIONS), f"{path}: import {root} where used"


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


BASE_UNITS = (
    LEAVES | _inside("audio", "engine", "stick_figure", "cli") | {"actors", "engine_bridge"}
)
BASE_MODULES = sorted(
    {"umo_runtime.cli.main", "umo_runtime.tokenizer.text", "umo_runtime.interpolator.blink"}
    | {name for name in MODULES if _unit(name) in BASE_UNITS}
    - {name for name in MODULES if name.startswith(("umo_runtime.engine.gpu", "engine_bridge.a2f"))}
)


def test_base_install_runs_without_the_extras() -> None:
    extras = ["torch", "ray", "onnx", "onnxscript", "scipy", "tensorboard", "sounddevice", "grpc"]
    block = f"import importlib, sys; sys.modules.update(dict.fromkeys({extras!r}))"
    _run(f"{block}\nfor name in {BASE_MODULES!r}: importlib.import_module(name)")


def test_command_line_starts_before_anything_heavy_is_loaded() -> None:
    heavy = {"numpy", "onnxruntime", "torch", "ray", "tokenizers", "soundfile"}
    loaded = _run(f"import sys, umo_runtime.cli.main; print(*{heavy!r} & set(sys.modules))")
    assert not loaded.split()
