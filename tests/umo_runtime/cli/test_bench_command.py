import json
from typing import Any

import pytest

from umo_runtime.cli.main import main

pytestmark = pytest.mark.slow


def bench(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main(["bench", *arguments, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    result: dict[str, Any] = json.loads(line)
    assert set(result["machine"]) == {"processor", "cores", "system", "date"}
    assert {"python", "umo-runtime", "onnxruntime", "numpy", "pyzmq"} == set(result["versions"])
    return result


def test_latency(capsys: pytest.CaptureFixture[str]) -> None:
    result = bench(capsys, "latency", "--repeats", "3")
    for name in ("first_frame_ms", "steady_ms", "interrupt_ms"):
        assert set(result[name]) == {"p50", "p95", "p99"}
        assert 0 < result[name]["p50"] <= result[name]["p95"] <= result[name]["p99"]
    # a frame needs sound of 25 ms at least, and what it needs is there before it is
    assert result["first_frame_ms"]["p50"] > 20
    assert result["talks"] == result["talks_matched"] == 3
    assert result["matched_share"] > 0.5
    assert 0 < result["core_share"] < 2


def test_load(capsys: pytest.CaptureFixture[str]) -> None:
    result = bench(capsys, "load", "--avatars", "3", "--seconds", "3")
    assert (result["avatars"], result["seconds"]) == (3, pytest.approx(3, abs=0.2))
    assert result["fps"] == pytest.approx(30, abs=3)
    assert 0 <= result["late_share"] <= 1
    assert result["rss_mb"] > 50
    assert result["pts_error_ms"] < 5
    assert {"dropped", "core_share"} <= set(result)
