import io
from dataclasses import replace

from rich.console import Console

from tests.actors.test_audio_capture import JumpingClock
from tests.actors.test_frame_rate import make_frame
from umo_runtime.cli.live_display import LiveDisplay, Panel, line, panel
from umo_runtime.cli.live_status import LiveStatus

STATUS = LiveStatus(
    12.3, "USB [mic]", True, -20.0, True, 71.2, 84.9, 369, 2, 0.134, ("vmc://[::1]:39539",)
)


class CountingMeter:
    counted = 0

    def count(self, frame: object) -> None:
        self.counted += 1

    def status(self) -> LiveStatus:
        return STATUS


class KeptStatus:
    period_s = 0.5

    def __init__(self) -> None:
        self.shown: list[LiveStatus] = []
        self.num_ended = 0

    def show(self, status: LiveStatus) -> None:
        self.shown.append(status)

    def end(self) -> None:
        self.num_ended += 1


def drawn(status: LiveStatus) -> str:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(panel(status))
    return console.export_text()


def test_a_panel_shows_everything_and_takes_names_literally() -> None:
    text = drawn(STATUS)
    for part in ("USB [mic]", "-20 dB", "voice", "71 ms", "85 ms", "369 sent", "2 blocks dropped"):
        assert part in text
    assert "13 % of one core" in text
    assert "vmc://[::1]:39539" in text
    assert text.count("█") == 20


def test_silence_and_a_lost_microphone_are_seen() -> None:
    text = drawn(replace(STATUS, level_db=-120.0, voice=False, connected=False))
    assert "is gone; waiting for it" in text
    assert "█" not in text
    assert "is gone" in line(replace(STATUS, connected=False))
    assert "(voice)" in line(STATUS)


def test_the_status_is_shown_now_and_then_and_every_frame_is_counted() -> None:
    meter, presenter, clock = CountingMeter(), KeptStatus(), JumpingClock()
    display = LiveDisplay(meter, presenter, clock)  # type: ignore[arg-type]
    for index in range(33):
        display.write(make_frame(index))
        clock.advance(1 / 32)
    display.close()
    assert (meter.counted, len(presenter.shown), presenter.num_ended) == (33, 3, 1)


def test_a_panel_leaves_nothing_behind() -> None:
    console = Console(force_terminal=True, width=60, file=io.StringIO())
    shown = Panel(console)
    shown.show(STATUS)
    shown.end()
    shown.end()
