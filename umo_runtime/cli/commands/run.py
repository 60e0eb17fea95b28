"""`umo run`: a speech file through the whole graph."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from umo_runtime.cli.control_options import Calmness, Gaze, Mood, Role, read_controls


def command(
    speech: Annotated[
        Path,
        typer.Argument(
            metavar="SPEECH", help="Speech: WAV, FLAC, OGG, MP3 ...; any rate, mono or stereo."
        ),
    ],
    text: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The words that are said, if known; gestures use them."),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            metavar="vmc://HOST:PORT", help="Send frames there. Repeat it for more receivers."
        ),
    ] = None,
    record: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Write a .npz, .bvh or .csv (Live Link Face). Repeat it for more files.",
        ),
    ] = None,
    fps: Annotated[Literal["30", "60"], typer.Option(help="Frames a second.")] = "30",
    seed: Annotated[int, typer.Option(help="Same seed, same motion.", min=0)] = 0,
    calmness: Calmness = 0.5,
    emotion: Mood = "neutral",
    state: Role = "speaking",
    gaze: Gaze = None,
    realtime: Annotated[
        bool, typer.Option("--realtime", help="Play at the pace of the speech, for live receivers.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on stdout, the rest on stderr.")
    ] = False,
    weights: Annotated[
        Path | None, typer.Option(help="Folder of network weights; the bundled ones by default.")
    ] = None,
) -> None:
    """Move a character by a speech file.

    Drive an avatar in VSeeFace, Warudo or Unity on this machine:

        umo run speech.wav --realtime --output vmc://127.0.0.1:39539

    Take the motion into Blender, Unreal or NumPy:

        umo run speech.wav --record take.bvh --record take.csv --record take.npz

    Direct the character:

        umo run speech.wav --emotion joy:0.7 --calmness 0.8 --gaze 30,-5 --record take.bvh
    """
    from umo_runtime.cli.speech_job import SpeechJob, run_job
    from umo_runtime.cli.summary import print_json, print_table, warn_if_nothing_kept

    job = SpeechJob(
        speech=speech,
        text=text,
        outputs=tuple(output or ()),
        recordings=tuple(record or ()),
        fps=60 if fps == "60" else 30,
        seed=seed,
        is_realtime=realtime,
        weights=weights,
        controls=read_controls(calmness, emotion, state, gaze),
    )
    result = run_job(job)
    if json:
        print_json(result)
    else:
        print_table(result)
        warn_if_nothing_kept(result)
