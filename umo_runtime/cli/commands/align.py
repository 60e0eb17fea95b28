"""`umo align`: times of words and phones for transcribed speech, which lips are trained on."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def command(
    speech: Annotated[
        list[Path],
        typer.Argument(
            metavar="SPEECH...",
            help="LibriSpeech, LJ Speech, or NAME.wav beside NAME.txt: a folder or a tar of each.",
        ),
    ],
    out: Annotated[
        Path, typer.Option(help="JSON lines to write; what is in it already is not done again.")
    ],
    known: Annotated[
        list[Path] | None,
        typer.Option(help="Leave out the utterances of this file. Repeat it for more files."),
    ] = None,
    split: Annotated[
        Literal["train", "test"], typer.Option(help="Of LibriSpeech's speakers.")
    ] = "train",
) -> None:
    """Find when each word and phone of transcribed English speech is spoken.

    Needs `pip install 'umo-runtime[train]'`, and for words that its dictionary lacks the program
    flite (`apt install flite`). About 15 times faster than the speech lasts, on one core. Interrupt
    and start again as you like.

        umo align LibriSpeech/train-clean-5 --out librispeech.jsonl

        umo align my_recordings --out mine.jsonl
    """
    from rich.console import Console

    from umo_runtime.cli.extras import require

    require("pocketsphinx", extra="train")
    from umo_runtime.training.corpora.align_speech import align_speech

    console = Console(stderr=True)
    with console.status("aligning") as status:
        counts = align_speech(
            speech, out, tuple(known or ()), split, lambda name: status.update(f"aligning {name}")
        )
    console.print(
        f"{out}: {counts.aligned} aligned ({counts.aligned_s / 3600:.2f} h), {counts.rejected} "
        f"rejected because text and sound do not match, {counts.known} known before"
    )
