from typing import Any

import numpy as np
import pytest

from tests.umo_runtime.cli.bench_fakes import NOWHERE, AdvancingClock, FakeLink, rehearsal_of
from umo_runtime.cli.bench_load import LoadRun
from umo_runtime.cli.bench_speech import Rehearsal

SPEECH = np.zeros(48_000, np.float32)


def run(avatars: int = 3, seconds: float = 4, **link: Any) -> dict[str, Any]:
    clock = AdvancingClock()
    load = LoadRun(FakeLink(clock, **link), SPEECH, avatars, clock)  # type: ignore[arg-type]
    return load.measure(NOWHERE, seconds, rehearsal_of(3.5), lambda: None)


def test_a_server_in_time() -> None:
    result = run(latency_s=0.01)
    assert (result["avatars"], result["seconds"], result["dropped"]) == (3, 4, 0)
    assert result["fps"] == pytest.approx(30, abs=0.5)
    assert result["late_share"] == 0
    assert result["pts_error_ms"] == pytest.approx(0, abs=0.5)
    # a frame hears 58 ms ahead of its time; its sample's chunk is 40 or 60 ms before
    assert 50 <= result["behind_ms"]["p50"] <= 70
    assert result["drift_ms"] == pytest.approx(0, abs=1)


@pytest.mark.parametrize(("latency_s", "late_share"), [(0.105, 0.0), (0.135, 1.0)])
def test_a_frame_is_late_170_ms_after_its_sample(latency_s: float, late_share: float) -> None:
    assert run(latency_s=latency_s)["late_share"] == late_share


def test_frames_that_are_missing_are_counted() -> None:
    result = run(avatars=2, seconds=10, skipped=10)
    assert result["dropped"] == pytest.approx(2 * 10 * 30 / 10, abs=3)
    assert result["fps"] == pytest.approx(27, abs=0.5)


def test_stamps_that_are_wrong_are_seen() -> None:
    clock = AdvancingClock()
    true = rehearsal_of(3.5)
    late = Rehearsal(true.mouths, true.needed + 1600)  # says that the sound is 0.1 s further
    load = LoadRun(FakeLink(clock), SPEECH, 1, clock)  # type: ignore[arg-type]
    result = load.measure(NOWHERE, 2, late, lambda: None)
    assert result["pts_error_ms"] == pytest.approx(100, abs=1)
