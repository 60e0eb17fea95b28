"""`umo eval`: how good is it, beside what, on speech that nobody trained on."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def command(
    subject: Annotated[
        str,
        typer.Argument(
            help="`model` (with all baselines beside it), one baseline (ridge, loudness, shut, "
            "teacher, choreographer, retrieval, gestures, still), or a .npz with --speech."
        ),
    ] = "model",
    data: Annotated[
        Path, typer.Option(help="Folder with the corpora: speech/, face/, motion/.")
    ] = Path(),
    split: Annotated[
        Literal["librispeech-test", "facegood-test", "smartbody-test"],
        typer.Option(
            help="Four held-out English speakers, one captured face, or held-out body motion."
        ),
    ] = "librispeech-test",
    dataset: Annotated[
        Literal["beat2"] | None,
        typer.Option(help="Use this dataset's own test split instead; --data is its folder."),
    ] = None,
    utterances: Annotated[
        int, typer.Option(help="How many, spread over the speakers; 0 takes all.", min=0)
    ] = 24,
    recording: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=FOLDER",
            help="One more column: lips recorded elsewhere, UTTERANCE.npz. Repeat it for more.",
        ),
    ] = None,
    speech: Annotated[
        Path | None, typer.Option(help="The speech of the recording that is evaluated.")
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(help="A run folder of `umo train`: evaluates its motion tokenizer as well."),
    ] = None,
    body: Annotated[
        bool, typer.Option("--body/--no-body", help="Measure bodies; reads all motion, 2 minutes.")
    ] = True,
    gesture_encoder: Annotated[
        Path | None, typer.Option(help="File of the gesture encoder, for the body's figures.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(help="Folder of network weights; the bundled ones by default.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same motion.", min=0)] = 0,
    seeds: Annotated[
        int,
        typer.Option(
            help="Whoever draws at random performs with this many seeds, from --seed on; prints "
            "the mean, for bodies ±sd of one seed.",
            min=1,
        ),
    ] = 1,
    report: Annotated[
        Path | None,
        typer.Option(metavar="PNG", help="Draw the first utterance: sound, curves, figure."),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on stdout, the rest on stderr.")
    ] = False,
) -> None:
    """Measure lips, eyes and body, always beside baselines.

    Needs `pip install 'umo-runtime[train]'`. The bundled model on speakers it never heard:

        umo eval --data ../shared/data --report eval.png

    Bodies over five seeds, each with its standard deviation:

        umo eval --data ../shared/data --seeds 5

    Against a captured face, with a lip-sync that was recorded elsewhere:

        umo eval --data ../shared/data --split facegood-test --recording headaudio=FOLDER

    Keyframes and your own motion tokenizer on held-out motion:

        umo eval --data ../shared/data --split smartbody-test --run runs/base

    A recording of your own:

        umo eval take.npz --speech speech.wav --report take.png

    The usual figures on BEAT2, if you have it:

        umo eval --dataset beat2 --data beat_english_v2.0.0
    """
    from umo_runtime.cli.extras import require

    require("torch", "scipy", extra="train")
    from umo_runtime.cli.evaluation import evaluate
    from umo_runtime.cli.evaluation_job import EvaluationJob

    evaluate(
        EvaluationJob(
            subject=subject,
            data=data,
            split=dataset or split,
            utterances=utterances or None,
            recordings=tuple(recording or ()),
            speech=speech,
            run=run,
            gesture_encoder=gesture_encoder,
            with_body=body,
            weights=weights,
            seed=seed,
            num_seeds=seeds,
            report=report,
            as_json=json,
        )
    )
