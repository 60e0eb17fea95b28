"""`umo bench bridge`: what leaves the process, without networks before it, in one run.

- `vmc_speedup`: how many times faster the datagrams of a VMC frame (117 messages) are patched into
  a template than python-osc builds the same bytes; median of 21 rounds in turns, on one core.
- `native_frames_per_s`: frames a second of all characters together that one process sends over
  ZeroMQ on 127.0.0.1, in blocks, and another has decoded; `native_single_frames_per_s`: with a
  message for each. That none was lost is checked, and what every 97th holds.
- `vmc_100_avatars_core_share`: processor time over time of a process that sends 100 characters as
  VMC over UDP, 60 frames a second each, to another process: `vmc_fps` says whether it kept up, and
  `vmc_datagrams_lost` what the receiver did not read in time.

All move as the shipped sample does. Wanted are at least 100 times, at least 100,000 frames a second
in blocks, and at most one core.
"""

import json
from dataclasses import dataclass
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from umo_runtime.cli.bench_bridge_build import ROUNDS, BuildTimes, measure_build
from umo_runtime.cli.bench_bridge_motion import perform
from umo_runtime.cli.bench_bridge_native import NativeRun, measure_native
from umo_runtime.cli.bench_bridge_vmc import VmcRun, measure_vmc
from umo_runtime.cli.step_bar import step_bar
from umo_runtime.clock import Clock
from umo_runtime.errors import ConfigError

AVATARS = 100  # for which the cost of VMC is wanted
_MOST_AVATARS = 1000  # each has a socket, and processes may open some thousand files


@dataclass(frozen=True, slots=True)
class BridgeJob:
    """What to measure; the fields are the options of `umo bench bridge`."""

    avatars: int = AVATARS
    seconds: float = 10.0


def run_bridge(job: BridgeJob, clock: Clock) -> dict[str, Any]:
    """Measure all three.

    Raises:
        ConfigError: there are too many characters.
        ServiceError: frames were lost or changed on the way.
        OutputError: there are not enough sockets.
    """
    if job.avatars > _MOST_AVATARS:
        raise ConfigError(f"--avatars is {job.avatars}; give bridge at most {_MOST_AVATARS}")
    motion = perform(clock)
    with step_bar("Building", ROUNDS) as done:
        build = measure_build(motion, done)
    steps = round(job.seconds)
    native = {}
    for name, in_blocks in (("Sending frames", False), ("Sending blocks", True)):
        with step_bar(name, steps) as done:
            native[in_blocks] = measure_native(
                motion, job.avatars, job.seconds, clock, done, in_blocks=in_blocks
            )
    with step_bar("Sending VMC", steps) as done:
        vmc = measure_vmc(motion, job.avatars, job.seconds, clock, done)
    return summed_up(build, native[False], native[True], vmc)


def summed_up(
    build: BuildTimes, single: NativeRun, blocks: NativeRun, vmc: VmcRun
) -> dict[str, Any]:
    """The figures as they are printed."""
    return {
        "vmc_speedup": round(build.speedup, 1),
        "vmc_build_us": round(1e6 * median(build.template_s), 2),
        "vmc_build_us_python_osc": round(1e6 * median(build.python_osc_s), 1),
        "avatars": vmc.avatars,
        "native_frames_per_s": round(blocks.frames_per_s),
        "native_single_frames_per_s": round(single.frames_per_s),
        "native_frames": single.received.frames + blocks.received.frames,
        "native_compared": single.received.compared + blocks.received.compared,
        f"vmc_{vmc.avatars}_avatars_core_share": round(vmc.core_share, 4),
        "vmc_fps": round(vmc.fps, 2),
        "vmc_datagrams": vmc.datagrams,
        "vmc_datagrams_lost": vmc.datagrams - vmc.received,
        "seconds": round(vmc.seconds, 1),
    }


def print_bridge(result: dict[str, Any], *, as_json: bool) -> None:
    """Print one JSON object, or a table for people, on stdout."""
    if as_json:
        print(json.dumps(result))
        return
    avatars = result["avatars"]
    share, is_asked_for = result[f"vmc_{avatars}_avatars_core_share"], avatars == AVATARS
    table = Table("what", "measured", "wanted")
    table.add_row(
        "VMC frame built",
        f"{result['vmc_build_us']:g} µs, python-osc {result['vmc_build_us_python_osc']:g} µs: "
        f"{result['vmc_speedup']:g} times faster",
        ">= 100 times",
    )
    for what, name, wanted in (
        ("native frames sent, in blocks", "native_frames_per_s", ">= 100000 /s" * is_asked_for),
        ("native frames sent, one by one", "native_single_frames_per_s", ""),
    ):
        table.add_row(f"{what}, {avatars} avatars", f"{result[name]} /s, none lost", wanted)
    table.add_row(
        f"VMC, {avatars} avatars",
        f"{share:.0%} of a core at {result['vmc_fps']:g} fps, "
        f"{result['vmc_datagrams_lost']} of {result['vmc_datagrams']} datagrams lost",
        "<= 100% at 60 fps" * is_asked_for,
    )
    Console().print(table)
