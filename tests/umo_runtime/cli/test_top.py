import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, generate_latest

from actors.cluster.fleet_metrics import FleetCollector
from actors.metrics import Metrics, serve_metrics
from umo_runtime.cli.main import BAD_INPUT, main
from umo_runtime.cli.top_reading import by_shard, load_between, quantile, read


@pytest.fixture
def served() -> Iterator[tuple[Metrics, str]]:
    metrics = Metrics()
    url, stop = serve_metrics(metrics.registry, "127.0.0.1", 0)
    yield metrics, url
    stop()


def test_figures_are_those_of_the_time_between(served: tuple[Metrics, str]) -> None:
    metrics, url = served
    metrics.frames.inc(1000)
    metrics.step_rows.labels("predictor").observe(64)
    before = read(url)
    metrics.frames.inc(60)
    metrics.characters.set(2)
    metrics.refusals.labels("busy").inc(4)
    for rows, seconds in ((1, 0.01), (3, 0.03)):
        metrics.step_rows.labels("predictor").observe(rows)
        metrics.step_s.labels("predictor").observe(seconds)
    for age_s in [0.012] * 98 + [0.25] * 2:
        metrics.frame_age_s.observe(age_s)
    load = load_between(before, read(url), 2.0)
    assert (load.characters, load.frames_per_s, load.refusals_per_s) == (2, 30, 2)
    assert 10 < load.age_ms["p50"] <= 15
    assert 200 < load.age_ms["p99"] <= 300
    predictor = load.networks["predictor"]
    assert (predictor.steps_per_s, predictor.rows) == (1, 2)
    assert predictor.step_ms == pytest.approx(20)
    assert predictor.busy_share == pytest.approx(0.02)
    assert load.networks["tokenizer"].steps_per_s == 0


@given(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=50), st.floats(0.01, 1))
def test_a_quantile_lies_in_the_bucket_of_the_value(values: list[float], share: float) -> None:
    bounds = [0.1 * step for step in range(1, 11)]
    buckets = [(bound, float(sum(v <= bound for v in values))) for bound in bounds]
    found = quantile([*buckets, (float("inf"), float(len(values)))], share)
    rank = min(len(values) - 1, max(0, -(-share * len(values) // 1) - 1))
    assert found is not None
    assert abs(found - sorted(values)[int(rank)]) <= 0.1 + 1e-9


def test_an_empty_histogram_has_no_quantile_and_what_is_beyond_has_the_last_bound() -> None:
    assert quantile([(1.0, 0.0), (float("inf"), 0.0)], 0.5) is None
    assert quantile([(1.0, 0.0), (float("inf"), 3.0)], 0.5) == 1.0


@pytest.mark.parametrize("options", [["--json"], []])
def test_the_command_shows_a_second(
    served: tuple[Metrics, str], options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    metrics, url = served
    metrics.characters.set(7)
    assert main(["top", url, "--count", "1", *options]) == 0
    out = capsys.readouterr().out
    if options:
        assert json.loads(out)["characters"] == 7
    else:
        assert "predictor" in out
        assert "7" in out


def test_where_nobody_answers_it_says_what_to_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["top", "http://127.0.0.1:9/metrics"]) == BAD_INPUT
    assert "umo serve --metrics-port" in capsys.readouterr().err
    assert main(["top", "nonsense"]) == BAD_INPUT


def test_shards_have_a_row_each(capsys: pytest.CaptureFixture[str]) -> None:
    texts = {}
    for number, name in enumerate(("shard-0", "shard-1")):
        metrics = Metrics()
        metrics.characters.set(number + 3)
        texts[name] = [generate_latest(metrics.registry).decode(), "umo_engines 2\n"]
    registry = CollectorRegistry()
    registry.register(FleetCollector(lambda: texts))
    url, stop = serve_metrics(registry, "127.0.0.1", 0)
    try:
        shards = by_shard(read(url))
        assert list(shards) == ["shard-0", "shard-1"]
        loads = [load_between(each, each, 1.0) for each in shards.values()]
        assert [(load.characters, load.engines) for load in loads] == [(3, 2), (4, 2)]
        assert main(["top", url, "--count", "1", "--json"]) == 0
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [(row["shard"], row["characters"]) for row in rows] == [
            ("shard-0", 3),
            ("shard-1", 4),
        ]
        assert main(["top", url, "--count", "1"]) == 0
        assert "shard-1" in capsys.readouterr().out
    finally:
        stop()
