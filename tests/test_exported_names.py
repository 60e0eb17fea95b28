import ast
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted(
    path.relative_to(ROOT)
    for package in ("umo_runtime", "actors", "engine_bridge")
    for path in (ROOT / package).rglob("*.py")
)
PACKAGES = [".".join(path.parent.parts) for path in MODULES if path.name == "__init__.py"]


@pytest.mark.parametrize("package", PACKAGES)
def test_every_exported_name_exists(package: str) -> None:
    module = importlib.import_module(package)
    missing = [name for name in getattr(module, "__all__", ()) if not hasattr(module, name)]
    assert not missing


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_only_packages_list_their_names(path: Path) -> None:
    names = {
        target.id
        for node in ast.parse((ROOT / path).read_bytes()).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert "__all__" not in names or path.name == "__init__.py"
