"""`umo live`: a microphone drives an avatar."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from umo_runtime.cli.control_options import Calmness, Gaze, Mood, Role, read_controls

_DEFAULT_OUTPUT = "vmc://127.0.0.1:39539"


def command(
    device: Annotated[
        str | None,
        typer.Option(help="Microphone: index or part of the name, as in `umo devices`."),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCHEME://HOST:PORT",
            help=f"Send frames there: vmc, livelink (Unreal's faces) or osc; {_DEFAULT_OUTPUT} by "
            "default. Repeat it for more receivers.",
        ),
    ] = None,
    fps: Annotated[Literal["30", "60"], typer.Option(help="Frames a second.")] = "30",
    calmness: Calmness = 0.5,
    emotion: Mood = "neutral",
    state: Role = "speaking",
    gaze: Gaze = None,
    gate: Annotated[
        float | None,
        typer.Option(metavar="DB", help="Ignore what is quieter than this, such as -45."),
    ] = None,
    gain: Annotated[
        bool, typer.Option("--gain/--no-gain", help="Bring every voice to one loudness, slowly.")
    ] = True,
    monitor_delay: Annotated[
        float | None,
        typer.Option(metavar="MS", help="Play the microphone back that late, 0 to 5000."),
    ] = None,
    monitor_device: Annotated[
        str | None, typer.Option(help="Where to play it: index or part of the name.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same motion.", min=0)] = 0,
    weights: Annotated[
        Path | None, typer.Option(help="Folder of network weights; the bundled ones by default.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="End after so much sound.", min=0.0)] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show nothing while it runs.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object a second on stdout.")
    ] = False,
) -> None:
    """Drive an avatar with a microphone. Ctrl-C ends; the avatar eases to rest.

        umo live

        umo live --device "USB" --gate -45 --output vmc://127.0.0.1:39539?fps=30

    No transcript, no GPU. When the microphone is unplugged, the avatar stays alive and goes on
    talking once it is back. `latency` is the time from a sound to the frame that shows it: what to
    enter as delay of the sound in OBS, besides the delay of the avatar software. Or let
    `--monitor-delay` play the voice late.

    An object of `--json` holds `time_s`, `device`, `connected`, `level_db`, `voice`, `latency_ms`,
    `latency_p95_ms` (of 10 s), `frames`, `dropped` (blocks of 10 ms), `cpu_share` (of one core) and
    `outputs`.
    """
    from actors.monitor import MonitorRequest
    from umo_runtime.cli.live_job import LiveJob, run_live
    from umo_runtime.cli.live_summary import print_summary

    if quiet and json:
        raise typer.BadParameter("give --quiet or --json, not both")
    if monitor_delay is None and monitor_device is not None:
        raise typer.BadParameter("--monitor-device needs --monitor-delay MS")
    monitor = None
    if monitor_delay is not None:
        monitor = MonitorRequest(monitor_delay / 1000, monitor_device)
    job = LiveJob(
        device=device,
        outputs=tuple(output or (_DEFAULT_OUTPUT,)),
        fps=60 if fps == "60" else 30,
        controls=read_controls(calmness, emotion, state, gaze),
        gate_db=gate,
        has_gain=gain,
        monitor=monitor,
        seed=seed,
        weights=weights,
        display="json" if json else "none" if quiet else "terminal",
        max_s=seconds,
    )
    status = run_live(job)
    if not json:
        print_summary(status)
