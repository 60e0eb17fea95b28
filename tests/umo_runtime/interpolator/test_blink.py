import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.interpolator.blink import BLINK_DURATION_S, lid_closure


def test_open_before_and_after_shut_once_between() -> None:
    phase = np.linspace(-1.0, 2.0, 3001)
    closure = lid_closure(phase)
    assert not closure[phase <= 0].any()
    assert np.abs(closure[phase >= 1]).max() < 1e-12
    assert closure.min() >= -1e-12
    assert abs(closure.max() - 1.0) < 1e-5
    rising = np.sign(np.round(np.diff(closure), 9))
    assert (np.diff(rising[rising != 0]) != 0).sum() == 1  # up, then down


def test_closes_faster_than_it_opens() -> None:
    phase = np.linspace(0.0, 1.0, 1001)
    half_shut = phase[lid_closure(phase) > 0.5]
    shut = float(phase[lid_closure(phase).argmax()])
    assert shut - half_shut[0] < half_shut[-1] - shut
    assert 0.2 < BLINK_DURATION_S < 0.4


@given(st.floats(-3, 3, width=32))
def test_torch_and_numpy_agree(phase: float) -> None:
    by_torch = lid_closure(torch.tensor(phase)).item()
    assert abs(by_torch - lid_closure(np.array(phase)).item()) < 1e-6
