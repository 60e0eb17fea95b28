"""What `umo doctor` says about one thing."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor.

    Attributes:
        subject: what was looked at.
        verdict: `fail` keeps `umo run` from working, `warn` something else.
        detail: what was found.
        remedy: what to install or do; empty where nothing is wrong.
    """

    subject: str
    verdict: Verdict
    detail: str
    remedy: str = ""
