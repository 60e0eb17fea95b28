import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.umo_runtime.cli.bench_fakes import NOWHERE, AdvancingClock, FakeLink, rehearsal_of
from umo_runtime.cli.bench_latency import Latencies, LatencyRun, Piece
from umo_runtime.types import FloatArray

PIECE = Piece(np.zeros(48_000, np.float32), rehearsal_of(3.5))


def run(link: FakeLink, clock: AdvancingClock, piece: Piece = PIECE, repeats: int = 2) -> Latencies:
    steps: list[int] = []
    result = LatencyRun(link, [piece], clock).measure(  # type: ignore[arg-type]
        NOWHERE, repeats, lambda: steps.append(1)
    )
    assert len(steps) == repeats
    return result


@given(st.floats(0.0, 0.2), st.floats(0.03, 0.4), st.floats(0.0, 1 / 30))
@settings(max_examples=8)
def test_what_is_measured_is_what_is_there(latency_s: float, shut_s: float, phase_s: float) -> None:
    clock = AdvancingClock()
    result = run(FakeLink(clock, latency_s, shut_s, phase_s), clock)
    assert result.matched >= 0.8 * result.frames > 80
    np.testing.assert_allclose(result.steady_s, latency_s, atol=1e-6)
    # The first frame needs 58 ms of sound behind its time: the chunk that brings it.
    chunks = int(np.ceil((phase_s + 7 / 120) / 0.02 - 1e-6))
    expected_s = (chunks - 1) * 0.02 + latency_s
    assert len(result.first_frame_s) == 2
    np.testing.assert_allclose(result.first_frame_s, expected_s, atol=1e-6)
    np.testing.assert_allclose(result.interrupt_s, shut_s, atol=1e-6)
    assert len(result.interrupt_s) == 2


def test_other_speech_is_not_taken_for_this() -> None:
    clock = AdvancingClock()
    mouths = PIECE.rehearsal.mouths[::-1].copy()
    other = Piece(PIECE.samples, type(PIECE.rehearsal)(mouths, PIECE.rehearsal.needed))
    result = run(FakeLink(clock), clock, other)
    assert result.steady_s == result.first_frame_s == []
    assert (result.talks, result.talks_matched) == (2, 0)
    assert result.result()["steady_ms"] == {"p50": None, "p95": None, "p99": None}


def test_a_mouth_that_is_not_shut_counts_as_late() -> None:
    clock = AdvancingClock()
    result = run(FakeLink(clock, shut_s=0.9), clock)
    assert result.interrupt_s == [0.8, 0.8]


def test_json_has_all_that_was_asked_for() -> None:
    clock = AdvancingClock()
    result = run(FakeLink(clock, latency_s=0.03, shut_s=0.1), clock, repeats=1).result()
    assert result["steady_ms"] == {"p50": 30.0, "p95": 30.0, "p99": 30.0}
    assert result["interrupt_ms"] == {"p50": 100.0, "p95": 100.0, "p99": 100.0}
    assert set(result["first_frame_ms"]) == {"p50", "p95", "p99"}
    assert result["core_share"] is None  # of a process that cannot be looked at


def test_a_mouth_that_never_rests_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    from umo_runtime.errors import ServiceError

    def always_open(time_s: float) -> FloatArray:
        return np.full(29, 0.5, np.float32)

    monkeypatch.setattr("tests.umo_runtime.cli.bench_fakes.mouth_at", always_open)
    clock = AdvancingClock()
    with pytest.raises(ServiceError, match="did not rest"):
        run(FakeLink(clock), clock)
