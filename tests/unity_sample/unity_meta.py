"""The .meta files of the Unity package: Unity cannot write them into one installed from git.

    python -m tests.unity_sample.unity_meta

A GUID is the MD5 of the asset's path in the package: the same on every machine, and for good, since
scenes refer to scripts by it. An asset that moves keeps its file, by `git mv`.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "unity_sample"
_NAME = "ai.umo.runtime"

_FOLDER = """\
folderAsset: yes
DefaultImporter:
  externalObjects: {}
  userData:
  assetBundleName:
  assetBundleVariant:
"""
_SCRIPT = """\
MonoImporter:
  externalObjects: {}
  serializedVersion: 2
  defaultReferences: []
  executionOrder: 0
  icon: {instanceID: 0}
  userData:
  assetBundleName:
  assetBundleVariant:
"""
_PLAIN = """\
  externalObjects: {}
  userData:
  assetBundleName:
  assetBundleVariant:
"""
_IMPORTERS = {
    ".cs": _SCRIPT,
    ".asmdef": "AssemblyDefinitionImporter:\n" + _PLAIN,
    ".json": "TextScriptImporter:\n" + _PLAIN,
    ".md": "TextScriptImporter:\n" + _PLAIN,
}


def assets(package: Path = PACKAGE) -> Iterator[Path]:
    """Files and folders that Unity imports: no hidden ones, none that end with ~.

    What is in `Samples~` is copied into a project with its .meta files.
    """
    for path in sorted(package.iterdir()):
        if path.name.startswith(".") or path.suffix == ".meta":
            continue
        if not path.name.endswith("~"):
            yield path
        if path.is_dir():
            yield from assets(path)


def meta_path(asset: Path) -> Path:
    """Where its .meta file is."""
    return asset.with_name(asset.name + ".meta")


def meta(asset: Path, package: Path = PACKAGE) -> str:
    """Content of a new .meta file."""
    place = f"{_NAME}/{asset.relative_to(package).as_posix()}"
    guid = hashlib.md5(place.encode(), usedforsecurity=False).hexdigest()
    importer = "DefaultImporter:\n" + _PLAIN
    importer = _FOLDER if asset.is_dir() else _IMPORTERS.get(asset.suffix, importer)
    return f"fileFormatVersion: 2\nguid: {guid}\n{importer}"


def main() -> None:
    """Write those that are missing; remove those whose asset is gone."""
    known = {meta_path(asset): asset for asset in assets()}
    for path, asset in known.items():
        if not path.exists():
            path.write_text(meta(asset), encoding="utf-8")
    for path in PACKAGE.rglob("*.meta"):
        if path not in known:
            path.unlink()


if __name__ == "__main__":
    main()
