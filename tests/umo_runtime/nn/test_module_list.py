import torch
from torch import nn

from umo_runtime.nn.module_list import TypedModuleList


def test_holds_modules_as_the_torch_list_does() -> None:
    layers = TypedModuleList[nn.Linear](nn.Linear(2, width) for width in (3, 4))
    assert [layer.out_features for layer in layers] == [3, 4]
    assert layers[1].out_features == 4
    assert len(layers) == 2
    assert set(layers.state_dict()) == {"0.weight", "0.bias", "1.weight", "1.bias"}
    assert layers[0](torch.zeros(1, 2)).shape == (1, 3)
