"""Entry point of `umo`: finds the command; every failure becomes one line and an exit code."""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import typer

from umo_runtime.errors import UmoError

BAD_INPUT = 2
INTERRUPTED = 130

_COMMANDS = (
    *("demo", "run", "live", "serve", "top", "drain", "bench", "devices", "doctor", "keys"),
    *("ports", "eval", "align", "train", "export"),
)
_PACKAGE = "umo_runtime.cli.commands"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: what follows `umo`; from the command line by default.

    Returns:
        0 on success, 2 for anything the user can put right, 130 after Ctrl-C.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _app()(given or ["--help"], prog_name="umo", standalone_mode=False)
    except UmoError as error:
        return _fail(str(error))
    except typer.TyperException as error:
        return _fail(f"{error.format_message()} See: {_help_command(given)}")
    except (typer.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    if code == INTERRUPTED:
        print("umo: interrupted", file=sys.stderr)
    return code if isinstance(code, int) else 0


def _app() -> typer.Typer:
    app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    app.callback()(_about)
    for name in _COMMANDS:
        if find_spec(f"{_PACKAGE}.{name}"):
            app.command(name)(import_module(f"{_PACKAGE}.{name}").command)
    return app


def _about() -> None:
    """Live speech in, a whole moving character out.

    Start with `umo demo`, then `umo live` with a microphone, or `umo run speech.wav --output
    vmc://127.0.0.1:39539`.
    """


def _help_command(given: list[str]) -> str:
    return f"umo {given[0]} --help" if given and given[0] in _COMMANDS else "umo --help"


def _fail(message: str) -> int:
    print(f"umo: {' '.join(message.split())}", file=sys.stderr)
    return BAD_INPUT
