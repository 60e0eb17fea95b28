"""`umo keys`: CURVE keys for a server and its clients."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where keys are kept.")],
    client: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Make a key for a client, too.")
    ] = None,
) -> None:
    """Make the keys that encrypt ZeroMQ and tell clients apart.

    The server's, and one for each game that may come in:

        umo keys keys --client game

    The server then runs with `umo serve --keys keys`. A client needs `server.key` and its own
    `clients/game.key_secret`; what ends in `_secret` stays with its owner. To shut a client out,
    delete its `clients/NAME.key`.
    """
    from engine_bridge.curve_keys import make_keys

    for made in make_keys(folder, client or []):
        print(made)
