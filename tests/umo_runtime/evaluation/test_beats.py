from dataclasses import replace

import numpy as np
import pytest

from tests.umo_runtime.evaluation.bodies import about, body
from umo_runtime.evaluation import beats
from umo_runtime.evaluation.beats import beat_consistency, motion_beats_s, typical_speeds
from umo_runtime.evaluation.performance import Performance

FRAMES = 10 * 30
SPEECH = np.zeros(10 * 16_000, np.float32)
PERIOD_S = 1.0


def nodding(offset_s: float = 0.0) -> Performance:
    """All joints slow down, without stopping, every second, at whole seconds plus an offset."""
    time = np.arange(FRAMES) / 30 - offset_s
    turn = 0.5 * (time - 0.8 / (2 * np.pi) * np.sin(2 * np.pi * time / PERIOD_S))
    return body(FRAMES, {"Hips": about("y", turn)}, SPEECH)


@pytest.fixture(autouse=True)
def onsets_every_second(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        beats, "onset_times_s", lambda samples: np.arange(1.0, len(samples) / 16_000 - 0.5)
    )


def test_beats_are_where_joints_slow_down() -> None:
    performance = nodding()
    found = motion_beats_s(performance, typical_speeds([performance]))
    assert len(found) == 13
    arm = found[-1]
    np.testing.assert_allclose(arm, np.arange(1, len(arm) + 1), atol=0.02)


@pytest.mark.parametrize("late_s", [0.0, 0.2, 0.4])
def test_consistency_falls_with_the_distance_from_onsets(late_s: float) -> None:
    performance = nodding(late_s)
    found = beat_consistency([performance], typical_speeds([performance]))
    moving = np.mean([len(own) > 0 for own in motion_beats_s(performance, np.full(13, 1e-3))])
    expected = moving * np.exp(-(late_s**2) / (2 * 0.3**2))
    assert found["beat_consistency"] == pytest.approx(expected, abs=0.03)
    assert 0 < found["beat_consistency_chance"] < 1


def test_a_still_body_has_no_beats() -> None:
    figures = beat_consistency([body(FRAMES, samples=SPEECH)], typical_speeds([nodding()]))
    assert figures["beat_consistency"] == figures["beat_consistency_chance"] == 0


def test_slow_motion_below_a_tenth_of_the_typical_speed_has_no_beats() -> None:
    performance = nodding()
    typical = 30 * typical_speeds([performance])
    assert not any(len(own) for own in motion_beats_s(performance, typical))


def test_chance_tells_a_match_from_mere_motion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        beats, "onset_times_s", lambda samples: np.array([1.0, 2.0, 3.0, 4.0]) + 0.0
    )
    figures = beat_consistency([nodding()], typical_speeds([nodding()]))
    assert figures["beat_consistency"] > figures["beat_consistency_chance"] + 0.1


def test_recordings_without_speech_or_too_short_are_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = nodding()
    short = replace(whole, rotations=whole.rotations[:100], samples=whole.samples[:53_333])
    typical = typical_speeds([whole])
    assert beat_consistency([whole, short], typical) == beat_consistency([whole], typical)
    monkeypatch.setattr(beats, "onset_times_s", lambda _: np.zeros(0))
    assert np.isnan(beat_consistency([whole], typical)["beat_consistency"])
