import json

from engine_bridge.wire_messages import CLIENT_MESSAGES, SERVER_MESSAGES
from tests.golden.write_wire import FOLDER, golden_files


def test_files_hold_what_this_version_writes() -> None:
    # A difference is a change of the protocol: raise its version, then write the files again. What
    # is only new needs none (docs/wire_protocol.md, "Versions").
    assert {path.name: path.read_bytes() for path in FOLDER.iterdir()} == golden_files()


def test_every_type_has_a_file() -> None:
    described = json.loads((FOLDER / "wire.json").read_text(encoding="utf-8"))["messages"]
    for side, known in (("client", CLIENT_MESSAGES), ("server", SERVER_MESSAGES)):
        assert {entry["type"] for entry in described if entry["from"] == side} == set(known)
