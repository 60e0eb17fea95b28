from benchmarks.placement import Simulation


def test_a_fleet_grows_with_its_clients_and_survives_a_node() -> None:
    result = Simulation(300, 4, 40, 4, seed=3).run()
    assert result["clients"] > 500
    assert result["most_shards"] > 300 / 40
    assert result["refused_share"] < 0.02
    assert result["clients_of_dead_node"] > 0
    assert result["of_these_refused"] == 0


def test_chance_is_the_seeds() -> None:
    one, same, other = (Simulation(100, 2, 40, 2, seed=seed).run() for seed in (1, 1, 2))
    assert one == same != other
