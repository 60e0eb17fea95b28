from collections.abc import Mapping

import numpy as np
import pytest

from umo_runtime.engine.weights import NetworkFile, StateTensor
from umo_runtime.errors import WeightsError

FILE = NetworkFile(
    b"",
    ("sound",),
    ("codes",),
    (StateTensor("state_0", np.zeros((2, 3))),),
    (StateTensor("ring_0", np.zeros((4, 5))),),
)
SHAPES = {"sound": (9,), "state_0": (2, 3), "ring_0": (4, 5)}
OUTPUTS = ("codes", "state_0_next", "ring_0_written")


def test_a_description_that_fits() -> None:
    FILE.check(SHAPES, OUTPUTS)


@pytest.mark.parametrize(
    ("shapes", "outputs"),
    [
        ({"sound": (9,), "state_0": (2, 3)}, OUTPUTS),
        (SHAPES | {"more": (1,)}, OUTPUTS),
        (SHAPES | {"state_0": (3, 2)}, OUTPUTS),
        (SHAPES | {"ring_0": (4,)}, OUTPUTS),
        (SHAPES, OUTPUTS[:2]),
        (SHAPES, (*OUTPUTS, "more")),
    ],
)
def test_a_description_of_another_network(
    shapes: Mapping[str, tuple[int, ...]], outputs: tuple[str, ...]
) -> None:
    with pytest.raises(WeightsError, match="describes other networks than lie beside it; export"):
        FILE.check(shapes, outputs)
