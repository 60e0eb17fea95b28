from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from actors.cluster.fleet import Scaling, ShardState, choose_shard


def shard(number: int, characters: int = 0, node: str = "a", **other: object) -> ShardState:
    state = ShardState(f"s{number}", node, ("tcp://x",), characters, 0, 10)
    return replace(state, **other)  # type: ignore[arg-type]


def test_a_client_goes_to_the_least_loaded_shard_that_takes_any() -> None:
    shards = [shard(0, 3), shard(1, 2), shard(2, 0, is_closing=True), shard(3, 0, urls=())]
    chosen = choose_shard(shards)
    assert chosen is shards[1]
    assert choose_shard(shards, {"s1": 2}) is shards[0]
    assert choose_shard([shard(0, 10)]) is None
    assert choose_shard([shard(0, 9)], {"s0": 1}) is None
    assert choose_shard([]) is None
    unable = shard(4, 0, engines=0)  # its gateway is begun, its engine is not
    assert choose_shard([*shards, unable]) is shards[1]
    assert choose_shard([unable, shard(0, 10)]) is unable


def test_of_equal_shards_that_on_the_emptier_node_is_chosen() -> None:
    shards = [shard(0, 1), shard(1, 5), shard(2, 1, "b"), shard(3, 2, "b")]
    assert choose_shard(shards) is shards[2]


@given(st.lists(st.integers(0, 10), min_size=1, max_size=5), st.integers(1, 60))
def test_clients_spread_evenly(loads: list[int], clients: int) -> None:
    shards = [shard(number, load) for number, load in enumerate(loads)]
    promised: dict[str, int] = {}
    for _ in range(clients):
        chosen = choose_shard(shards, promised)
        if chosen is None:
            break
        promised[chosen.name] = promised.get(chosen.name, 0) + 1
    taken = [state.characters + promised.get(state.name, 0) for state in shards]
    assert max(taken) <= 10
    touched = [taken[n] for n, state in enumerate(shards) if promised.get(state.name)]
    if touched:
        assert max(touched) - min(taken) <= 1


def test_shards_are_begun_before_anybody_is_refused() -> None:
    scaling = Scaling(2, 4)
    assert scaling.missing([], 0) == 2
    assert scaling.missing([], 2) == 0
    assert scaling.missing([shard(0, 7), shard(1, 7)], 0) == 0
    assert scaling.missing([shard(0, 8), shard(1, 8)], 0) == 1
    assert scaling.missing([shard(0, 8), shard(1, 8)], 1) == 0
    assert scaling.missing([shard(n, 10) for n in range(4)], 0) == 0
    assert scaling.missing([shard(0), shard(1, is_closing=True)], 0) == 1
    assert Scaling(1, 99).missing([shard(n, 10) for n in range(30)], 3) == 7  # a crowd has come


def test_the_emptiest_shard_is_closed_after_a_calm_period() -> None:
    scaling = Scaling(1, 4)
    calm = [shard(0, 3), shard(1, 1)]
    assert scaling.to_close(calm, 0.0) is None
    assert scaling.to_close(calm, 59.0) is None
    assert scaling.to_close([shard(0, 3), shard(1, 4)], 59.5) is None  # busy for a moment
    assert scaling.to_close(calm, 60.0) is None
    assert scaling.to_close(calm, 119.0) is None
    assert scaling.to_close(calm, 121.0) is calm[1]
    assert scaling.to_close([calm[0], replace(calm[1], is_closing=True)], 500.0) is None
