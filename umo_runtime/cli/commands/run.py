"""`umo run`: a speech file, or a folder of them, through the whole graph."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from umo_runtime.cli.control_options import Calmness, Gaze, Mood, Role, read_controls


def command(
    speech: Annotated[
        Path,
        typer.Argument(
            metavar="SPEECH",
            help="Speech: WAV, FLAC, OGG, MP3 ...; any rate, mono or stereo. Or a folder of such.",
        ),
    ],
    text: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The words that are said, if known; gestures use them."),
    ] = None,
    output: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCHEME://HOST:PORT",
            help="Send frames there: vmc, livelink (Unreal's faces) or osc. Repeat it for more "
            "receivers.",
        ),
    ] = None,
    record: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Write a .npz, .bvh, .csv (Live Link Face), .vrma (VRM Animation) or .glb (glTF). "
            "Repeat it for more files.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write NAME.FORMAT there for every NAME.wav; subfolders are kept. A name.TextGrid "
            "or name.txt beside the speech tells the words. What is there and newer than its "
            "speech stays as it is.",
        ),
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="LIST",
            help="What to write to --out: some of npz, bvh, csv, vrma, glb.  [default: npz]",
        ),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Write to --out also what is there and newer.")
    ] = False,
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
) -> int:
    """Move a character by a speech file, or many by a folder of them.

    Drive an avatar in VSeeFace, Warudo or Unity on this machine:

        umo run speech.wav --realtime --output vmc://127.0.0.1:39539

    A MetaHuman's face, or whatever listens to OSC:

        umo run speech.wav --realtime --output "livelink://127.0.0.1:11111?subject=Ada"

        umo run speech.wav --realtime --output "osc://127.0.0.1:9000?map=vrchat.toml"

    Take the motion into Blender, Unreal, a VRM player or NumPy:

        umo run speech.wav --record take.glb --record take.csv --record take.vrma

    All speech of a game, in one go; start it again after an interruption or with new files:

        umo run voices --out motion --format vrma,csv,npz

    Direct the character:

        umo run speech.wav --emotion joy:0.7 --calmness 0.8 --gaze 30,-5 --record take.bvh
    """
    from umo_runtime.cli.folder_job import FolderJob, run_folder
    from umo_runtime.cli.folder_summary import print_folder_json, print_report
    from umo_runtime.cli.main import BAD_INPUT
    from umo_runtime.cli.speech_folder import read_formats
    from umo_runtime.cli.speech_job import SpeechJob, run_job
    from umo_runtime.cli.summary import print_json, print_table, warn_if_nothing_kept
    from umo_runtime.errors import ConfigError

    frame_rate: Literal[30, 60] = 60 if fps == "60" else 30
    controls = read_controls(calmness, emotion, state, gaze)
    if out is not None or speech.is_dir():
        alone = {"--text": text, "--output": output, "--record": record, "--realtime": realtime}
        for option, given in alone.items():
            if given:
                raise ConfigError(f"{option} is for one speech file, not for a folder or --out")
        if out is None:
            raise ConfigError(f"{speech} is a folder; say with --out FOLDER where its motion goes")
        suffixes = read_formats("npz" if formats is None else formats)
        folder = FolderJob(speech, out, suffixes, frame_rate, seed, weights, controls, anew)
        report = run_folder(folder)
        if json:
            print_folder_json(report)
        else:
            print_report(folder, report)
        return BAD_INPUT if report.failures else 0
    if formats is not None or anew:
        raise ConfigError("--format and --anew belong to --out; give --out FOLDER with them")
    job = SpeechJob(
        speech=speech,
        text=text,
        outputs=tuple(output or ()),
        recordings=tuple(record or ()),
        fps=frame_rate,
        seed=seed,
        is_realtime=realtime,
        weights=weights,
        controls=controls,
    )
    result = run_job(job)
    if json:
        print_json(result)
    else:
        print_table(result)
        warn_if_nothing_kept(result)
    return 0
