"""`umo doctor`: what works on this machine, and what to install."""

from pathlib import Path
from typing import Annotated

import typer


def command(
    weights: Annotated[
        Path | None, typer.Option(help="Folder of network weights; the bundled ones by default.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
) -> int:
    """Check Python, packages, networks, backends, microphones and the VMC port.

    Every line that is not ok says what to do. The exit code is 2 if `umo run` cannot work here; a
    missing microphone is only a warning. With --json: `ok` and `findings`, each with `subject`,
    `verdict` (ok, warn, fail), `detail` and `remedy`.
    """
    from umo_runtime.cli.doctor_checks import examine
    from umo_runtime.cli.doctor_report import print_findings, print_json

    findings = list(examine(weights))
    if json:
        print_json(findings)
    else:
        print_findings(findings)
    return 2 if any(found.verdict == "fail" for found in findings) else 0
