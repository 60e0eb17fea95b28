"""`umo drain`: empties a node of a cluster."""

from typing import Annotated

import typer


def command(
    node: Annotated[
        str, typer.Argument(help="The node's id or its beginning, as events and ray tell it.")
    ],
    address: Annotated[
        str, typer.Option(help="Of the cluster; auto finds the one on this machine.")
    ] = "auto",
) -> None:
    """Begin nothing on a node of `umo serve --runner ray` any more, and empty it.

    Its shards take no new clients and end when their characters have; nobody who speaks is moved.
    """
    from actors.cluster.cluster_serving import drain

    count = drain(node, address)
    print(f"umo drain: {count} shard(s) will be closed once they are empty")
