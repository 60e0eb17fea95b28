import numpy as np

from umo_runtime.training.corpora.speech_clock import SpeechClock, runs, smooth_activity


def talk(*spans: tuple[int, int], length: int = 150) -> np.ndarray:
    activity = np.zeros(length, np.bool_)
    for start, stop in spans:
        activity[start:stop] = True
    return activity


def test_runs_are_found_at_the_edges_too() -> None:
    assert runs(talk((0, 3), (5, 8), length=8)) == [(0, 3), (5, 8)]
    assert runs(talk(length=4)) == []


def test_the_clock_stands_still_in_pauses_and_runs_in_speech() -> None:
    clock = SpeechClock(talk((10, 60), (80, 140)))
    assert np.ptp(clock.elapsed_s[60:80]) < 0.02
    assert np.ptp(clock.elapsed_s[:10]) < 0.02
    assert abs(clock.elapsed_s[50] - clock.elapsed_s[20] - 1.0) < 0.02
    assert (np.diff(clock.elapsed_s) >= 0).all()


def test_short_silences_do_not_stop_it() -> None:
    clock = SpeechClock(talk((10, 60), (65, 140)))
    assert not clock.is_pause[60:65].any()
    assert abs(clock.elapsed_s[70] - clock.elapsed_s[55] - 0.5) < 0.02


def test_long_pauses_after_speech_are_listed() -> None:
    assert SpeechClock(talk((50, 60), (110, 115))).long_pauses == [(60, 110)]


def test_times_become_speech_times() -> None:
    clock = SpeechClock(talk((10, 60), (80, 140)))
    assert abs(clock.at(1.5) - clock.elapsed_s[45]) < 1e-6


def test_smooth_activity_keeps_its_range() -> None:
    smooth = smooth_activity(talk((50, 100)))
    assert smooth.min() >= 0 and smooth.max() <= 1
    assert smooth[75] > 0.9
