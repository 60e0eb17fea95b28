import pytest
import torch

from umo_runtime.nn.expert_ffn import ExpertFFN

WIDTH, EXPERTS = 8, 4


def _layer(shared_hidden: int) -> ExpertFFN:
    torch.manual_seed(0)
    return ExpertFFN(WIDTH, shared_hidden, 6, EXPERTS)


@pytest.mark.parametrize("shared_hidden", [0, 5])
def test_all_experts_at_once_equal_one_by_one(shared_hidden: int) -> None:
    layer, x = _layer(shared_hidden), torch.randn(3, EXPERTS, WIDTH)
    together = layer(x)
    assert together.shape == x.shape
    for expert in range(EXPERTS):
        torch.testing.assert_close(together[:, expert], layer.forward_one(x[:, expert], expert))


@pytest.mark.parametrize("shared_hidden", [0, 5])
def test_experts_answer_the_same_token_differently(shared_hidden: int) -> None:
    out = _layer(shared_hidden)(torch.randn(1, 1, WIDTH).expand(1, EXPERTS, WIDTH))[0]
    gaps = torch.cdist(out, out) + 1e9 * torch.eye(EXPERTS)
    assert gaps.min() > 0.1


def test_an_expert_serves_its_own_tokens_only() -> None:
    layer, x = _layer(5), torch.randn(3, EXPERTS, WIDTH)
    before = layer(x)
    with torch.no_grad():
        layer.expert_in[2] += 1
    changed = (layer(x) - before).abs().amax(dim=(0, 2)) > 1e-6
    assert changed.tolist() == [False, False, True, False]


def test_the_shared_expert_serves_all() -> None:
    layer, x = _layer(5), torch.randn(3, EXPERTS, WIDTH)
    before = layer(x)
    assert layer.shared_out is not None
    with torch.no_grad():
        layer.shared_out.bias += 1
    torch.testing.assert_close(layer(x), before + 1)


def test_tokens_do_not_mix() -> None:
    layer, x = _layer(5), torch.randn(3, EXPERTS, WIDTH)
    before = layer(x)
    x[1, 2] += 1
    changed = (layer(x) - before).abs().amax(dim=2) > 1e-6
    assert changed.nonzero().tolist() == [[1, 2]]
