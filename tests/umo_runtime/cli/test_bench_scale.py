import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.actors.cluster.served_cluster import marks
from umo_runtime.cli.bench_job import parse_numbers
from umo_runtime.cli.bench_plot import draw_scale
from umo_runtime.cli.bench_scale import EMBEDDED, RAY, Setup, compared, row, setups
from umo_runtime.cli.main import main
from umo_runtime.errors import ConfigError, OutputError


def run(avatars: int, behind_ms: float, cores: float | None) -> dict[str, Any]:
    return {
        "avatars": avatars,
        "behind_ms": {"p50": behind_ms, "p95": behind_ms + 20, "p99": behind_ms + 30},
        "fps": 30.0,
        "late_share": 0.0,
        "dropped": 0,
        "core_share": cores,
        "rss_mb": 300.0,
        "machine_core_share": None,
    }


def test_every_set_up_is_measured_beside_one_process() -> None:
    assert setups((1, 4)) == [Setup(EMBEDDED), Setup(RAY, 1), Setup(RAY, 4)]
    assert Setup(EMBEDDED).options == ()
    assert Setup(RAY, 4).options == ("--runner", "ray", "--shards", "4")


def test_a_row_is_the_median_of_its_rounds() -> None:
    rounds = [run(4, 70.0, 0.2), run(4, 99.0, 0.9), run(4, 72.0, 0.21)]
    made = row(Setup(RAY, 2), rounds)
    assert (made["runner"], made["shards"], made["avatars"], made["rounds"]) == (RAY, 2, 4, 3)
    assert (made["behind_p50_ms"], made["behind_p99_ms"]) == (72.0, 102.0)
    assert made["core_share"] == 0.21
    assert made["machine_core_share"] is None


def test_shards_are_compared_with_one_process_of_as_many_avatars() -> None:
    rows = compared(
        [
            row(Setup(EMBEDDED), [run(4, 70.0, 0.2)]),
            row(Setup(RAY, 1), [run(4, 72.5, 0.21)]),
            row(Setup(EMBEDDED), [run(8, 90.0, 0.4)]),
            row(Setup(RAY, 1), [run(8, 89.0, 0.38)]),
            row(Setup(RAY, 2), [run(9, 89.0, 0.38)]),
        ]
    )
    assert "cpu_more" not in rows[0] and "cpu_more" not in rows[4]
    assert (rows[1]["cpu_more"], rows[1]["latency_more_ms"]) == (0.05, 2.5)
    assert (rows[3]["cpu_more"], rows[3]["latency_more_ms"]) == (-0.05, -1.0)


def test_the_picture(tmp_path: Path) -> None:
    rows = [
        row(setup, [run(avatars, 70.0 + avatars, 0.04 * avatars)])
        for setup in setups((1, 2))
        for avatars in (4, 10)
    ]
    draw_scale(rows, tmp_path / "scale.png")
    with Image.open(tmp_path / "scale.png") as image:
        assert image.size == (1500, 330)
        assert len(image.getcolors(1 << 20) or ()) > 4
    with pytest.raises(OutputError, match="choose another --plot"):
        draw_scale(rows, tmp_path / "no folder" / "scale.png")


def test_numbers() -> None:
    assert parse_numbers("shards", "1,2,4") == (1, 2, 4)
    for text in ("", "0", "1,", "a", "1,,2", "5000"):
        with pytest.raises(ConfigError, match="--shards is"):
            parse_numbers("shards", text)
    with pytest.raises(ConfigError, match="such as 20"):
        parse_numbers("avatars", "4,10", most=1)


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plot = tmp_path / "scale.png"
    options = ["--avatars", "2", "--shards", "1", "--seconds", "2", "--plot", str(plot), "--json"]
    assert main(["bench", "scale", *options]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [(each["runner"], each["avatars"]) for each in rows] == [(EMBEDDED, 2), (RAY, 2)]
    assert {"cpu_more", "latency_more_ms", "behind_p99_ms", "dropped"} <= set(rows[1])
    assert plot.stat().st_size > 1000


for mark in marks():
    test_the_command = mark(test_the_command)
