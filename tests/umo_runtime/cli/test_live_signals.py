import signal
import time

import pytest

from umo_runtime.cli import live_signals
from umo_runtime.cli.live_signals import stopped_by_signals


def test_a_signal_and_its_echo_are_a_wish_and_a_later_one_is_an_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_signals, "_SAME_WISH_S", 0.02)
    wishes: list[None] = []
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), stopped_by_signals(lambda: wishes.append(None)):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        assert len(wishes) == 2
        time.sleep(0.03)
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
