"""`umo devices`: the microphones of this machine."""

from typing import Annotated

import typer


def command(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON array on stdout.")] = False,
) -> None:
    """List microphones: what `umo live --device` takes, by index or part of the name.

    The default is marked with a star. With --json: objects with `index`, `name`, `host_api`,
    `channels`, `rate_hz` and `is_default`.
    """
    from umo_runtime.cli.device_list import print_devices
    from umo_runtime.cli.live_job import open_audio_host

    print_devices(open_audio_host().inputs(), as_json=json)
