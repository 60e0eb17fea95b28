"""Prints what the doctor found."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from umo_runtime.cli.doctor_finding import Finding

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def print_findings(findings: Sequence[Finding]) -> None:
    """Print a table on stdout, remedies beneath what they mend."""
    rows = Table.grid(padding=(0, 2))
    for found in findings:
        colour = _COLOURS[found.verdict]
        rows.add_row(Text(found.verdict, colour), found.subject, Text(found.detail))
        if found.remedy:
            rows.add_row("", "", Text(f"-> {found.remedy}", colour))
    Console(highlight=False).print(rows)


def print_json(findings: Sequence[Finding]) -> None:
    """Print one object on stdout."""
    is_fit = all(found.verdict != "fail" for found in findings)
    print(json.dumps({"ok": is_fit, "findings": [asdict(found) for found in findings]}))
