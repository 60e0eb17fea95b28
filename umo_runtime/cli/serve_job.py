"""What `umo serve` does around the server: safety first, then until a signal comes."""

import asyncio
import ipaddress
import signal
import sys
from importlib.metadata import version
from pathlib import Path

from actors.serving import ServeOptions, run_server
from umo_runtime.clock import MonotonicClock
from umo_runtime.errors import ConfigError

_SWITCH_S = 0.0005  # Python's 5 ms keep the graph's threads waiting for a busy loop


def serve(options: ServeOptions, *, is_insecure: bool, weights: Path | None, backend: str) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        ConfigError: others on the network could come in without a secret, or no such backend.
        MissingExtraError: the backend's packages are not installed.
        OutputError: an address cannot be had.
        WeightsError: the weights cannot be used.
    """
    check_safety(options, is_insecure=is_insecure)
    asyncio.run(_serve(options, weights, backend))


def check_safety(options: ServeOptions, *, is_insecure: bool) -> None:
    """Refuse to listen beyond this machine without a secret.

    ZeroMQ is safe with CURVE keys or a token, WebSocket with a token.

    Raises:
        ConfigError: it would not be safe.
    """
    if is_insecure or _is_loopback(options.host):
        return
    is_open = not options.token and (options.keys is None or options.websocket_port is not None)
    if is_open:
        raise ConfigError(
            f"{options.host} is reachable from the network; give --token, or --keys with "
            "--websocket-port -1, or --insecure to let anyone in"
        )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _serve(options: ServeOptions, weights: Path | None, backend: str) -> None:
    from umo_runtime.engine import Engine  # slow to import: other bad input is found before it

    sys.setswitchinterval(_SWITCH_S)
    engine = Engine(weights, capacity=2 * options.max_streams, backend=backend)
    until, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, until.set)
    await run_server(
        f"umo {version('umo-runtime')}",
        engine,
        engine.text.encode,
        options,
        MonotonicClock(),
        lambda urls: print("umo serve:", *urls, flush=True),
        until,
    )
