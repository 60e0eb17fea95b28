"""What is loaded from the disk and what is built again; the builder is replaced by a counter."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from umo_runtime.engine.gpu import engine_cache
from umo_runtime.engine.gpu.engine_cache import cached_engine, engine_folder


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """Engines in the order of their making, every one of them different."""
    engines: list[bytes] = []

    def build(content: bytes, max_batch: int, report: Callable[[str], None], tf32: bool) -> bytes:
        report("building")
        engines.append(b"engine %d of " % len(engines) + content)
        return engines[-1]

    monkeypatch.setattr(engine_cache, "build_engine", build)
    _use_library(monkeypatch, "1.7")
    yield engines


def _use_library(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    library = SimpleNamespace(__name__="tensorrt_rtx", __version__=version)
    monkeypatch.setattr(engine_cache, "tensorrt", lambda: library)


def _get(folder: Path, content: bytes = b"net", max_batch: int = 8, tf32: bool = False) -> bytes:
    return cached_engine(content, max_batch, lambda doing: None, tf32=tf32, folder=folder)


def _only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


def test_the_second_time_nothing_is_built(built: list[bytes], tmp_path: Path) -> None:
    reports: list[str] = []
    for _ in range(2):
        engine = cached_engine(b"net", 8, reports.append, folder=tmp_path / "new" / "folder")
        assert [engine] == built
    assert reports == ["building"]


def test_files_are_the_owner_s_alone(built: list[bytes], tmp_path: Path) -> None:
    folder = tmp_path / "engines"
    _get(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.suffix for path in folder.iterdir()) == [".engine", ".json"]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())


def test_all_that_an_engine_depends_on(
    built: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _get(tmp_path)
    _get(tmp_path, content=b"other")
    _get(tmp_path, max_batch=9)
    _get(tmp_path, tf32=True)
    _use_library(monkeypatch, "1.8")
    _get(tmp_path)
    assert len(built) == 5
    _use_library(monkeypatch, "1.7")
    assert _get(tmp_path) == built[0]


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def _open_to_others(path: Path) -> None:
    path.chmod(0o666)


def _forget(path: Path) -> None:
    path.write_text(json.dumps({"origin": {}}))


def _replace(path: Path) -> None:
    found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, "origin": {**found["origin"], "onnx": "another"}}))


@pytest.mark.parametrize(
    ("pattern", "tamper"),
    [
        ("*.engine", _flip),
        ("*.engine", _open_to_others),
        ("*.engine", Path.unlink),
        ("*.json", _open_to_others),
        ("*.json", lambda path: path.write_bytes(b"[1")),
        ("*.json", lambda path: path.write_bytes(b"7")),
        ("*.json", _forget),
        ("*.json", _replace),
    ],
)
def test_a_file_that_was_tampered_with_is_not_loaded(
    built: list[bytes],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    pattern: str,
    tamper: Callable[[Path], object],
) -> None:
    _get(tmp_path)
    tamper(_only(tmp_path, pattern))
    assert _get(tmp_path) == built[1]
    assert "not loading the engine" in caplog.text and "building it again" in caplog.text
    assert _get(tmp_path) == built[1]
    assert len(built) == 2


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owner here")
def test_another_user_s_file_is_not_loaded(
    built: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _get(tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: os.stat(tmp_path).st_uid + 1)
    assert _get(tmp_path) == built[1]


def test_a_folder_that_cannot_be_written(
    built: list[bytes], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "file"
    file.touch()
    assert _get(file) == built[0]
    assert "cannot keep an engine" in caplog.text


def test_nothing_is_left_of_a_write_that_fails(
    built: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    assert _get(tmp_path) == built[0]
    assert not list(tmp_path.iterdir())


def test_where_engines_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert engine_folder() == Path("/somewhere/umo/engines")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert engine_folder() == Path.home() / ".cache" / "umo" / "engines"
