"""`umo export`: trained checkpoints to the weights that `umo run --weights` takes."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    config: Annotated[Path, typer.Option(help="The TOML file the run was trained with.")],
    folder: Annotated[Path, typer.Option(help="Where to write; created if missing.")],
) -> None:
    """Turn a trained run into ONNX files.

    Needs `pip install 'umo-runtime[train]'`. Takes a minute or two.

        umo export --config base.toml --folder weights

        umo run speech.wav --weights weights --record take.bvh
    """
    from rich.console import Console

    from umo_runtime.cli.extras import require

    require("torch", "onnx", "onnxscript", extra="train")
    from umo_runtime.export.bundle import export_bundle
    from umo_runtime.training.config import load_config

    settings = load_config(config)
    with Console(stderr=True).status("exporting") as status:
        export_bundle(
            settings.run,
            settings.model,
            folder,
            lambda name: status.update(f"exporting {name}"),
        )
