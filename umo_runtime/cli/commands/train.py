"""`umo train`: one of the three training stages."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Stage(StrEnum):
    """Stages in the order they must run."""

    FOUNDATION = "foundation"
    ALIGNMENT = "alignment"
    SYNCHRONISATION = "synchronisation"


def command(
    stage: Annotated[Stage, typer.Argument(help="What to train; run the three in this order.")],
    config: Annotated[Path, typer.Option(help="TOML file: data, sizes, steps.")],
) -> None:
    """Train the networks on your own data.

    Needs `pip install 'umo-runtime[train]'`. Interrupt and start again as you like: a stage goes
    on from its last checkpoint. Watch the curves with `tensorboard --logdir RUN/curves`.

        umo train foundation --config base.toml

        umo train alignment --config base.toml

        umo train synchronisation --config base.toml

        umo export --config base.toml --folder weights
    """
    from umo_runtime.cli.extras import require

    require("torch", "tensorboard", "scipy", extra="train")
    from umo_runtime.training.config import load_config
    from umo_runtime.training.stages import run_stage

    run_stage(stage.value, load_config(config))
