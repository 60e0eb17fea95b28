import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from engine_bridge.vmc_template import VmcTemplate
from engine_bridge.wire import frame_message
from tests.engine_bridge.bridge_frames import utterance
from umo_runtime.cli.bench_bridge import print_bridge, summed_up
from umo_runtime.cli.bench_bridge_audience import Audience, Received
from umo_runtime.cli.bench_bridge_build import (
    BuildTimes,
    build_with_python_osc,
    measure_build,
    patched,
    read_bundles,
)
from umo_runtime.cli.bench_bridge_motion import shown
from umo_runtime.cli.bench_bridge_native import NativeRun, checked, measure_native
from umo_runtime.cli.bench_bridge_peer import open_peer
from umo_runtime.cli.bench_bridge_vmc import VmcRun, measure_vmc
from umo_runtime.cli.main import main
from umo_runtime.clock import MonotonicClock
from umo_runtime.errors import ServiceError

MOTION = utterance(40)
BUILD = BuildTimes([2e-3, 9e-3, 3e-3], [1e-5, 1e-5, 1e-5])
NATIVE = NativeRun(3000, Received(3000, 0, 30, 0), 2.0)


class Steps:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def test_python_osc_builds_the_same_bytes() -> None:
    template = VmcTemplate()
    for frame in MOTION[::13]:
        ours = [bytes(datagram) for datagram in patched(template, frame)]
        bundles = read_bundles([memoryview(datagram) for datagram in ours])
        assert sum(map(len, bundles)) == 117
        assert build_with_python_osc(bundles) == ours


def test_building_is_measured_in_turns() -> None:
    times = measure_build(MOTION, steps := Steps(), rounds=3)
    assert steps.count == len(times.python_osc_s) == len(times.template_s) == 3
    assert times.speedup > 10


def test_the_speedup_is_the_median_of_the_rounds() -> None:
    assert BUILD.speedup == pytest.approx(300)


@pytest.mark.parametrize("in_blocks", [False, True])
def test_every_frame_reaches_another_process(in_blocks: bool) -> None:
    clock, steps = MonotonicClock(), Steps()
    run = measure_native(MOTION, 3, 0.3, clock, steps, in_blocks=in_blocks)
    assert run.sent == run.received.frames > 300
    assert run.received.compared == run.sent // 97
    assert (run.received.missing, run.received.wrong) == (0, 0)
    assert 0.3 <= run.seconds < 20
    assert steps.count >= 1


def seen(indices: Sequence[int], poses: Sequence[int]) -> Received:
    """What is seen of one character that shows other poses than those of its frames' numbers."""
    audience = Audience(MOTION, 1)
    for index, pose in zip(indices, poses, strict=True):
        frame = replace(shown(MOTION, 0, pose), stream="avatar 0")
        audience.see(frame_message(frame, index, 1, 0.0))
    return audience.received()


def test_frames_that_are_missing_or_changed_are_seen() -> None:
    whole = list(range(200))
    assert seen(whole, whole) == Received(200, 0, 2, 0)
    holey = [index for index in whole if index not in (5, 100)]
    assert seen(holey, holey) == Received(198, 2, 2, 0)
    late = [index + 1 for index in whole]
    assert seen(whole, late) == Received(200, 0, 2, 2)


@pytest.mark.parametrize(
    "received", [Received(2999, 0, 30, 0), Received(3000, 1, 30, 0), Received(3000, 0, 30, 1)]
)
def test_a_run_that_lost_or_changed_frames_is_none(received: Received) -> None:
    with pytest.raises(ServiceError, match=r"of 3000 frames came.*expected all as sent"):
        checked(replace(NATIVE, received=received))
    assert checked(NATIVE) == NATIVE


def test_datagrams_reach_another_process() -> None:
    run = measure_vmc(MOTION, 3, 0.5, MonotonicClock(), Steps())
    assert (run.avatars, run.frames % 3) == (3, 0)
    assert 3 <= run.frames <= 90
    assert run.received == run.datagrams == 6 * run.frames
    assert 0.5 <= run.seconds < 20
    assert 0 < run.core_share < 2


def test_a_process_that_ends_is_an_error() -> None:
    with open_peer(repr) as peer, pytest.raises(ServiceError, match="has ended"):
        peer.answer()


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    vmc = VmcRun(100, 60_000, 360_000, 359_990, 10.0, 4.2)
    result = summed_up(BUILD, replace(NATIVE, seconds=3.0), NATIVE, vmc)
    assert (result["vmc_speedup"], result["native_frames_per_s"]) == (300, 1500)
    assert (result["native_single_frames_per_s"], result["native_frames"]) == (1000, 6000)
    assert (result["vmc_100_avatars_core_share"], result["vmc_fps"]) == (0.42, 60)
    assert result["vmc_datagrams_lost"] == 10
    print_bridge(result, as_json=False)
    table = capsys.readouterr().out
    for part in ("300 times", "1500 /s", "42%", ">= 100000", "<= 100%"):
        assert part in table
    others = {**result, "avatars": 7, "vmc_7_avatars_core_share": 0.1}
    print_bridge(others, as_json=False)
    assert ">= 100000" not in capsys.readouterr().out


def bench(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    assert main(["bench", "bridge", *options, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    result: dict[str, Any] = json.loads(line)
    return result


@pytest.mark.slow
def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    result = bench(capsys, "--avatars", "4", "--seconds", "1")
    assert (result["benchmark"], result["avatars"]) == ("bridge", 4)
    assert result["vmc_speedup"] > 10
    assert result["native_frames_per_s"] > 1000
    assert result["native_single_frames_per_s"] > 1000
    assert 0 < result["vmc_4_avatars_core_share"] < 1
    assert result["vmc_fps"] <= 61
    assert set(result["machine"]) == {"processor", "cores", "system", "date"}
    assert {"python-osc", "pyzmq", "numpy"} <= set(result["versions"])


def test_wrong_options_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "bridge", "--avatars", "many"]) == 2
    assert capsys.readouterr().err.startswith("umo: --avatars is 'many'")
    assert main(["bench", "bridge", "--avatars", "1001"]) == 2
    assert "give bridge at most 1000" in capsys.readouterr().err
    assert main(["bench", "bridge", "--seconds", "0"]) == 2
