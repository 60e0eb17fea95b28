"""Shows the status of `umo live` on stdout: a panel, lines in a log, or JSON for programs."""

import json
from dataclasses import asdict
from typing import Literal, Protocol

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from umo_runtime.cli.live_status import LiveMeter, LiveStatus
from umo_runtime.clock import Clock
from umo_runtime.types import MotionFrame

_METER_WIDTH, _METER_FROM_DB = 30, -60.0
_DIGITS = {"cpu_share": 4, "time_s": 2}


class Presenter(Protocol):
    """One way to show a status."""

    @property
    def period_s(self) -> float:
        """How often it wants one."""
        ...

    def show(self, status: LiveStatus) -> None:
        """Show it."""
        ...

    def end(self) -> None:
        """Leave the terminal as it was."""
        ...


class LiveDisplay:
    """A `FrameSink` behind the senders that counts frames and now and then shows the status."""

    def __init__(self, meter: LiveMeter, presenter: Presenter, clock: Clock) -> None:
        self._meter = meter
        self._presenter = presenter
        self._clock = clock
        self._next_s = clock.now_s()

    def write(self, frame: MotionFrame) -> None:
        """Count a frame; show the status when it is time."""
        self._meter.count(frame)
        now_s = self._clock.now_s()
        if now_s >= self._next_s:
            self._next_s = max(self._next_s + self._presenter.period_s, now_s)
            self._presenter.show(self._meter.status())

    def close(self) -> None:
        """Take the display away."""
        self._presenter.end()

    def abort(self) -> None:
        """Take the display away."""
        self._presenter.end()


class Panel:
    """A few lines that are drawn over and over."""

    period_s = 0.2

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._live.start()

    def show(self, status: LiveStatus) -> None:
        """Draw over the last one."""
        self._live.update(panel(status), refresh=True)

    def end(self) -> None:
        """Wipe it away."""
        self._live.stop()


class Lines:
    """A line every few seconds."""

    period_s = 5.0

    def show(self, status: LiveStatus) -> None:
        """Print a line."""
        print(line(status), flush=True)

    def end(self) -> None:
        """Nothing is left to do."""


class JsonLines:
    """An object a second."""

    period_s = 1.0

    def show(self, status: LiveStatus) -> None:
        """Print an object."""
        rounded = {
            name: round(value, _DIGITS.get(name, 1)) if isinstance(value, float) else value
            for name, value in asdict(status).items()
        }
        print(json.dumps(rounded), flush=True)

    def end(self) -> None:
        """Nothing is left to do."""


class Nothing:
    """Shows nothing."""

    period_s = 3600.0

    def show(self, status: LiveStatus) -> None:
        """Do not."""

    def end(self) -> None:
        """Nothing is left to do."""


def open_presenter(display: Literal["terminal", "json", "none"]) -> Presenter:
    """Choose what fits: `terminal` is a panel on one, and lines where stdout is none."""
    if display == "json":
        return JsonLines()
    if display == "none":
        return Nothing()
    console = Console()
    return Panel(console) if console.is_terminal else Lines()


def panel(status: LiveStatus) -> Table:
    """Lay a status out."""
    rows = Table.grid(padding=(0, 2))
    rows.add_row("microphone", Text(_microphone(status), "" if status.connected else "red"))
    rows.add_row("level", _level(status))
    rows.add_row(
        "latency", f"{status.latency_ms:.0f} ms now, {status.latency_p95_ms:.0f} ms at most (p95)"
    )
    rows.add_row("frames", f"{status.frames} sent, {status.dropped} blocks dropped")
    rows.add_row("CPU", f"{100 * status.cpu_share:.0f} % of one core")
    for url in status.outputs:
        rows.add_row("to", Text(url))
    rows.add_row("", Text("Ctrl-C ends", "dim"))
    return rows


def line(status: LiveStatus) -> str:
    """Say the same in one line."""
    return (
        f"{status.time_s:.0f} s: {_microphone(status)}, {status.level_db:.0f} dB"
        f"{' (voice)' if status.voice else ''}, latency {status.latency_ms:.0f} ms, p95 "
        f"{status.latency_p95_ms:.0f} ms, {status.frames} frames, {status.dropped} dropped, "
        f"CPU {100 * status.cpu_share:.0f} %"
    )


def _microphone(status: LiveStatus) -> str:
    return status.device if status.connected else f"{status.device} is gone; waiting for it"


def _level(status: LiveStatus) -> Text:
    share = min(max(1 - status.level_db / _METER_FROM_DB, 0.0), 1.0)
    filled = round(_METER_WIDTH * share)
    colour = "green" if status.voice else "bright_black"
    meter = Text("█" * filled, colour) + Text("·" * (_METER_WIDTH - filled), "bright_black")
    return meter + Text(f" {status.level_db:4.0f} dB  {'voice' if status.voice else ''}")
