from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.umo_runtime.evaluation.bodies import about, body, restless
from umo_runtime.evaluation.balance import left_right_balance
from umo_runtime.training.corpora.mirror import mirror_rotations


def test_one_hand_alone() -> None:
    wave = about("y", np.sin(np.arange(60) / 5))
    assert left_right_balance([body(60, {"LeftLowerArm": wave})]) == {
        "left_hand_share": pytest.approx(1),
        "leading_hand_share": pytest.approx(1),
    }


@given(st.integers(0, 2**16))
def test_a_mirror_exchanges_the_hands(seed: int) -> None:
    one = restless(40, seed)
    other = replace(one, rotations=mirror_rotations(one.rotations))
    here, there = left_right_balance([one]), left_right_balance([other])
    assert here["left_hand_share"] == pytest.approx(1 - there["left_hand_share"], abs=1e-4)
    assert left_right_balance([one, other])["left_hand_share"] == pytest.approx(0.5, abs=1e-4)
    assert here["leading_hand_share"] == pytest.approx(there["leading_hand_share"], abs=1e-4)


def test_a_still_body_has_no_hand() -> None:
    assert np.isnan(left_right_balance([body(30)])["left_hand_share"])
