"""`umo export`: trained checkpoints to weights, and weights to engines for a GPU."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    config: Annotated[
        Path | None, typer.Option(help="The TOML file that a run was trained with: export it.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where the weights go; created if missing. Default: the bundled ones."),
    ] = None,
    engines: Annotated[
        int,
        typer.Option(
            min=0,
            max=65536,
            help="Compile the weights with TensorRT, for up to so many characters on one GPU.",
        ),
    ] = 0,
) -> None:
    """Turn a trained run into weights, weights into TensorRT engines, or both.

    Weights (ONNX files) take a minute or two and `pip install 'umo-runtime[train]'`:

        umo export --config base.toml --folder weights

        umo run speech.wav --weights weights --record take.bvh

    Engines lie in ~/.cache/umo/engines, where `umo serve --backend tensorrt` finds them. Compiling
    needs `pip install 'umo-runtime[train,tensorrt]'`; no GPU, if it is TensorRT for RTX:

        umo export --engines 1024
    """
    from rich.console import Console

    from umo_runtime.cli.extras import require
    from umo_runtime.errors import ConfigError

    if config is None and not engines:
        raise ConfigError("there is nothing to do; give --config, --engines, or both")
    if config is not None and folder is None:
        raise ConfigError(f"nobody says where the weights of {config} go; give --folder")
    require("torch", "onnx", extra="train")
    with Console(stderr=True).status("exporting") as status:
        if config is not None and folder is not None:
            require("onnxscript", extra="train")
            from umo_runtime.export.bundle import export_bundle
            from umo_runtime.training.config import load_config

            settings = load_config(config)
            export_bundle(
                settings.run,
                settings.model,
                folder,
                lambda name: status.update(f"exporting {name}"),
            )
        if engines:
            from umo_runtime.engine.gpu.backends import build_engines
            from umo_runtime.engine.weights import bundled_folder, load_weights

            build_engines(load_weights(folder or bundled_folder()), engines, status.update)
