"""The Unity package as files: what the package manager and the editor rely on."""

import json
import re
import tomllib

from tests.unity_sample.mono_program import CORE, ROOT
from tests.unity_sample.unity_meta import PACKAGE, assets, meta, meta_path

_GUID = re.compile(r"^guid: ([0-9a-f]{32})$", re.MULTILINE)
# What IL2CPP cannot have, or what costs garbage in every frame.
_BANNED = re.compile(
    r"\b(System\.Reflection|Emit|DynamicMethod|dynamic|Activator|System\.Linq|UnityEngine)\b"
)


def test_every_asset_has_a_meta_file_and_a_guid_of_its_own() -> None:
    known = {meta_path(asset): asset for asset in assets()}
    assert known.keys() == set(PACKAGE.rglob("*.meta"))
    found = [_GUID.search(path.read_text(encoding="utf-8")) for path in known]
    guids = [match[1] for match in found if match]
    assert len(set(guids)) == len(known)


def test_guids_are_those_of_the_paths() -> None:
    for asset in assets():
        assert meta_path(asset).read_text(encoding="utf-8") == meta(asset)


def test_the_package_has_the_projects_version() -> None:
    package = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert package["version"] == project["version"]
    assert package["license"] == project["license"]
    changes = (PACKAGE / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## [{package['version']}]" in changes
    assert (PACKAGE / "LICENSE.md").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_samples_are_where_the_package_says() -> None:
    package = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    listed = {sample["path"] for sample in package["samples"]}
    assert listed == {
        f"Samples~/{path.name}" for path in (PACKAGE / "Samples~").iterdir() if path.is_dir()
    }


def test_assemblies_refer_to_what_is_there() -> None:
    files = list(PACKAGE.rglob("*.asmdef"))
    definitions = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
    assert definitions.keys() == {"Umo.Core", "Umo.Unity", "Umo.Editor"}
    for name, definition in definitions.items():
        assert definition["name"] == name
        assert set(definition["references"]) <= definitions.keys()
    assert definitions["Umo.Editor"]["includePlatforms"] == ["Editor"]


def test_a_component_has_a_file_of_its_name() -> None:
    # Unity finds the class of a component by the name of its file.
    for file in (PACKAGE / "Runtime" / "Unity").glob("*.cs"):
        found = re.search(
            r"class (\w+) : (MonoBehaviour|ScriptableObject)", file.read_text(encoding="utf-8")
        )
        assert not found or found[1] == file.stem


def test_core_knows_no_engine_and_no_reflection() -> None:
    definition = json.loads((CORE / "Umo.Core.asmdef").read_text(encoding="utf-8"))
    assert definition["noEngineReferences"]
    assert definition["references"] == []
    for file in CORE.glob("*.cs"):
        assert not (found := _BANNED.search(file.read_text(encoding="utf-8"))), (file, found)


def test_there_is_no_static_state() -> None:
    # With domain reload switched off, what is static survives from one play to the next.
    for file in PACKAGE.rglob("*.cs"):
        for line in file.read_text(encoding="utf-8").splitlines():
            is_field = re.search(r"\bstatic\b(?!.*(\breadonly\b|=>)).*(;|=[^>])", line)
            assert not (is_field and "(" not in line), (file, line)
