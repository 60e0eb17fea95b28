import pytest
import torch

from umo_runtime.config import ROUTINGS, Routing
from umo_runtime.nn.feed_forward import feed_forward
from umo_runtime.nn.routed_ffn import RoutedFFN

WIDTH, EXPERTS = 8, 4


@pytest.mark.parametrize("routing", ROUTINGS)
@pytest.mark.parametrize("shared", [0, 5])
def test_one_kind_at_a_time_equals_all_together(routing: Routing, shared: int) -> None:
    torch.manual_seed(0)
    layer, x = feed_forward(routing, WIDTH, shared, 6, EXPERTS), torch.randn(3, EXPERTS, WIDTH)
    together = layer(x)
    for kind in range(EXPERTS):
        torch.testing.assert_close(together[:, kind], layer.forward_one(x[:, kind], kind))


@pytest.mark.parametrize("routing", ROUTINGS)
def test_tokens_do_not_mix(routing: Routing) -> None:
    layer, x = feed_forward(routing, WIDTH, 5, 6, EXPERTS), torch.randn(3, EXPERTS, WIDTH)
    before = layer(x)
    x[1, 2] += 1
    changed = (layer(x) - before).abs().amax(dim=2) > 1e-6
    assert changed.nonzero().tolist() == [[1, 2]]


def test_the_router_sends_each_token_to_one_expert_and_knows_its_imbalance() -> None:
    layer = RoutedFFN(WIDTH, 0, 6, EXPERTS)
    with torch.no_grad():
        layer.router.weight.zero_()
        layer.router.weight[:, :EXPERTS] = 50 * torch.eye(EXPERTS)
    tokens = torch.eye(WIDTH)[:EXPERTS]
    out = layer.forward_one(tokens, 0)
    torch.testing.assert_close(layer.imbalance, torch.ones(()))
    with torch.no_grad():
        layer.expert_out[2] += 1
    changed = (layer.forward_one(tokens, 0) - out).abs().amax(dim=1) > 1e-6
    assert changed.tolist() == [False, False, True, False]
    layer.forward_one(tokens[:1].expand(EXPERTS, -1), 0)
    torch.testing.assert_close(layer.imbalance, torch.tensor(float(EXPERTS)))
