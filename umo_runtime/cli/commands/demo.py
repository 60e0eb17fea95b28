"""`umo demo`: the shipped speech sample through the whole graph."""

from pathlib import Path
from typing import Annotated

import typer

from umo_runtime.cli.control_options import Calmness, Gaze, Mood, Role, read_controls

_SAMPLE = Path(__file__).parents[1] / "demo" / "sample.ogg"
_RECORDINGS = ("demo.npz", "demo.bvh", "demo.csv", "demo.glb")
_PICTURE = "demo.png"
_HINT = """
Next: open the picture, open demo.glb in any 3D viewer, or watch it live in VSeeFace, Warudo or any
other VMC receiver:
  umo run {sample} --realtime --output vmc://127.0.0.1:39539"""


def command(
    folder: Annotated[Path, typer.Option(help="Where to write; created if missing.")] = Path(),
    seed: Annotated[int, typer.Option(help="Same seed, same motion.", min=0)] = 0,
    calmness: Calmness = 0.5,
    emotion: Mood = "neutral",
    state: Role = "speaking",
    gaze: Gaze = None,
    weights: Annotated[
        Path | None, typer.Option(help="Folder of network weights; the bundled ones by default.")
    ] = None,
) -> None:
    """Move a character by the shipped speech sample, and draw the result.

    Writes demo.npz, demo.bvh, demo.csv, demo.glb and the picture demo.png:

        umo demo --folder runs/demo
    """
    from umo_runtime.cli.demo_picture import draw_recording
    from umo_runtime.cli.output_folder import create_folder
    from umo_runtime.cli.speech_job import SpeechJob, run_job
    from umo_runtime.cli.summary import print_table

    controls = read_controls(calmness, emotion, state, gaze)
    create_folder(folder)
    text = _SAMPLE.with_suffix(".txt").read_text(encoding="utf-8").strip()
    recordings = tuple(folder / name for name in _RECORDINGS)
    result = run_job(
        SpeechJob(_SAMPLE, text, (), recordings, seed=seed, weights=weights, controls=controls)
    )
    picture = folder / _PICTURE
    draw_recording(recordings[0], _SAMPLE, picture, title="umo demo")
    print_table(result, also_written=(picture,))
    print(_HINT.format(sample=_SAMPLE))
