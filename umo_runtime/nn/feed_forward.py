"""The feed-forward layer that a configuration asks for."""

from umo_runtime.config import Routing
from umo_runtime.nn.dense_ffn import DenseFFN
from umo_runtime.nn.expert_ffn import ExpertFFN
from umo_runtime.nn.routed_ffn import RoutedFFN

FeedForward = ExpertFFN | RoutedFFN | DenseFFN


def feed_forward(
    routing: Routing, width: int, shared_hidden: int, expert_hidden: int, experts: int
) -> FeedForward:
    """Make a layer; a token passes as many hidden units whatever the routing."""
    if routing == "region":
        return ExpertFFN(width, shared_hidden, expert_hidden, experts)
    if routing == "learned":
        return RoutedFFN(width, shared_hidden, expert_hidden, experts)
    return DenseFFN(width, shared_hidden + expert_hidden)
