import numpy as np

from umo_runtime.training.corpora.brows import brows
from umo_runtime.training.corpora.prosody import Accent


def test_brows_rise_at_strong_accents_and_fall_again() -> None:
    made = brows(150, [Accent(2.0, 1.0)], np.random.default_rng(0))
    peak = int(made.raised.argmax())
    assert abs(peak / 30 - 1.95) < 0.1
    assert 0.15 < made.raised[peak] < 0.7
    assert made.raised[peak + 30] < 0.2 * made.raised[peak] + 0.1


def test_without_accents_brows_only_drift() -> None:
    made = brows(3000, [], np.random.default_rng(0))
    for track in made:
        assert track.shape == (3000,)
        assert track.min() == 0
        assert 0.01 < track.max() < 0.2
    assert not (made.raised * made.lowered).any()


def test_weak_accents_stay_in_the_voice() -> None:
    weak = brows(90, [Accent(1.5, 0.0)], np.random.default_rng(0))
    none = brows(90, [], np.random.default_rng(0))
    np.testing.assert_array_equal(weak.raised, none.raised)


def test_no_frames() -> None:
    assert brows(0, [], np.random.default_rng(0)).raised.shape == (0,)
