from itertools import pairwise

import pytest
import torch

from umo_runtime.controls import Controls
from umo_runtime.interpolator.calmness import scale_motion

START, VALUES = torch.randn(2, 1, 9, generator=torch.Generator().manual_seed(0)).unbind()


def _share(calmness: float) -> float:
    """How far the values are from the start, of what they were."""
    controls = torch.from_numpy(Controls(calmness=calmness).vector())[None]
    scaled = scale_motion(VALUES, START, controls) - START
    share = scaled / (VALUES - START)
    torch.testing.assert_close(share, share.mean().expand_as(share))
    return float(share.mean())


def test_the_middle_changes_nothing_bit_for_bit() -> None:
    controls = torch.from_numpy(Controls(calmness=0.5).vector())[None]
    assert torch.equal(scale_motion(VALUES, START, controls), VALUES)


def test_the_livelier_the_further() -> None:
    shares = [_share(calmness) for calmness in torch.linspace(0, 1, 21).tolist()]
    assert all(before < after for before, after in pairwise(shares))


@pytest.mark.parametrize(("calmness", "low", "high"), [(0.0, 0.02, 0.12), (1.0, 1.2, 1.5)])
def test_the_ends_are_nearly_still_and_lively(calmness: float, low: float, high: float) -> None:
    assert low < _share(calmness) < high
