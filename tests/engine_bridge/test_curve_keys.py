import stat
from pathlib import Path

import pytest
import zmq

from engine_bridge.curve_keys import make_keys, read_key
from umo_runtime.errors import OutputError


def test_the_server_and_every_client_get_a_public_and_a_secret_file(tmp_path: Path) -> None:
    made = make_keys(tmp_path / "new" / "keys", ["game", "agent_2"])
    folder = tmp_path / "new" / "keys"
    assert sorted(str(file.relative_to(folder)) for file in made) == [
        "clients/agent_2.key",
        "clients/agent_2.key_secret",
        "clients/game.key",
        "clients/game.key_secret",
        "server.key",
        "server.key_secret",
    ]
    assert all(file.is_file() for file in made)


def test_only_the_owner_may_read_a_secret(tmp_path: Path) -> None:
    secrets = [file for file in make_keys(tmp_path, ["game"]) if file.suffix == ".key_secret"]
    assert [stat.S_IMODE(file.stat().st_mode) for file in secrets] == [0o600] * 2


def test_files_hold_pairs_that_belong_together(tmp_path: Path) -> None:
    make_keys(tmp_path, ["game"])
    for file in (tmp_path / "server", tmp_path / "clients" / "game"):
        public, none = read_key(file.with_suffix(".key"))
        assert none is None
        same, secret = read_key(file.with_suffix(".key_secret"))
        assert secret is not None
        assert public == same == zmq.curve_public(secret)


def test_keys_that_are_there_are_kept(tmp_path: Path) -> None:
    before = {file: file.read_bytes() for file in make_keys(tmp_path, ["game"])}
    assert [file.name for file in make_keys(tmp_path, ["game", "agent"])] == [
        "agent.key",
        "agent.key_secret",
    ]
    assert {file: file.read_bytes() for file in before} == before
    assert make_keys(tmp_path, []) == []


@pytest.mark.parametrize("name", ["", "../game", "a/b", "a b", ".", "a" * 65, "spiel\n", "ö"])
def test_a_name_that_is_no_file_name_is_refused_before_anything_is_made(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(OutputError, match="give letters, digits, - and _"):
        make_keys(tmp_path / "keys", ["game", name])
    assert not (tmp_path / "keys").exists()


def test_a_folder_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write keys to"):
        make_keys(tmp_path / "file", [])


@pytest.mark.parametrize(
    "content", [None, b"", b"no key", b"\xff\xfe\x00", b"curve\n    public-key = 1"]
)
def test_a_file_that_is_no_key_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "x.key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(OutputError, match="is no CURVE key; make keys: umo keys FOLDER") as caught:
        read_key(file)
    assert "\n" not in str(caught.value)
