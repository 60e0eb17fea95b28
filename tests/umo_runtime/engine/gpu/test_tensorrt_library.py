"""Which library is taken, and how its absence or death is told."""

import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

from umo_runtime.engine.gpu import tensorrt_library
from umo_runtime.engine.gpu.tensorrt_library import new_logger, probe, tensorrt
from umo_runtime.errors import MissingExtraError


@pytest.fixture
def neither(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("tensorrt", "tensorrt_rtx"):
        monkeypatch.setitem(sys.modules, name, None)
    return monkeypatch


def test_the_full_library_comes_first(neither: pytest.MonkeyPatch) -> None:
    full, rtx = ModuleType("tensorrt"), ModuleType("tensorrt_rtx")
    neither.setitem(sys.modules, "tensorrt_rtx", rtx)
    assert tensorrt() is rtx
    neither.setitem(sys.modules, "tensorrt", full)
    assert tensorrt() is full


@pytest.mark.usefixtures("neither")
def test_no_library() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'umo-runtime\[tensorrt\]'"):
        tensorrt()


def _answer(
    monkeypatch: pytest.MonkeyPatch, status: int, output: str = "", seconds: float = 0
) -> str | None:
    def run(*_: Any, **options: Any) -> Any:
        if seconds > options["timeout"]:
            raise subprocess.TimeoutExpired("python", options["timeout"])
        return subprocess.CompletedProcess([], status, output, "")

    monkeypatch.setattr(subprocess, "run", run)
    return probe()


def test_the_probe_works(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _answer(monkeypatch, 0, "\n") is None


def test_the_probe_gives_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _answer(monkeypatch, 0, "noise of a driver\nno GPU\n") == "no GPU"


def test_the_probe_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = _answer(monkeypatch, -11)
    assert reason == "TensorRT ended the process that tried it (status -11)"


def test_the_probe_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "timed out" in str(_answer(monkeypatch, 0, seconds=1e6))


def test_the_reason_where_nothing_is_installed(neither: pytest.MonkeyPatch) -> None:
    assert "is not installed; run: pip install" in str(tensorrt_library.obstacle())


def test_a_logger_keeps_the_last_error() -> None:
    class ILogger:
        ERROR, INTERNAL_ERROR, WARNING = "error", "internal error", "warning"

    library = ModuleType("library")
    library.ILogger = ILogger  # type: ignore[attr-defined]
    logger = new_logger(library)
    assert logger.last_error == ""
    for severity, message in (("error", "one"), ("internal error", "two\n lines"), ("warning", "")):
        logger.log(severity, message)
    assert logger.last_error == "two lines"


@pytest.mark.tensorrt
def test_the_real_probe_gives_one_line_or_nothing() -> None:
    pytest.importorskip("tensorrt_rtx")
    reason = probe()
    assert reason is None or ("tensorrt" in reason and "\n" not in reason)
