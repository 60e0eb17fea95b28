from dataclasses import astuple
from itertools import pairwise

import numpy as np

from umo_runtime.training.corpora.manner import NATURAL, Manner


def test_who_is_told_nothing_is_natural_exactly() -> None:
    assert Manner.of(0.5) == NATURAL
    assert astuple(NATURAL) == (1.0, 1.0, 1.0, 1.0, 0.0)


def test_everything_grows_with_calmness_but_the_time_between_strokes() -> None:
    for calmer, livelier in pairwise(Manner.of(float(c)) for c in np.linspace(0, 1, 11)):
        assert calmer.spacing > livelier.spacing
        for factor in ("size", "tempo", "drift", "emphasis"):
            assert getattr(calmer, factor) < getattr(livelier, factor)
