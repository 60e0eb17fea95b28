"""Plays the microphone back late, so that on a stream the voice meets the lips."""

import threading
from dataclasses import dataclass

import numpy as np

from actors.audio_device import AudioDevice
from actors.audio_host import AudioHost
from umo_runtime.errors import ConfigError
from umo_runtime.types import FloatArray

MAX_DELAY_S = 5.0
_SLACK_S = 0.05  # how far two devices' clocks may drift apart before sound is cut or stretched


class DelayLine:
    """A ring of samples that come out a fixed time after they went in.

    Writer and reader run on clocks of their own. Where they have drifted apart, the reader jumps or
    falls silent until it is back at the delay that was asked for.

    Args:
        delay: in samples.
        slack: drift that is let be, in samples.
    """

    def __init__(self, delay: int, slack: int) -> None:
        self._delay, self._slack = delay, slack
        self._ring = np.zeros(delay + 2 * slack + 1, np.float32)
        self._written = self._read = 0
        self._has_started = False
        self._lock = threading.Lock()

    def write(self, samples: FloatArray) -> None:
        """Put samples [N] in."""
        with self._lock:
            kept = samples[-len(self._ring) :]
            places = np.arange(
                self._written + len(samples) - len(kept), self._written + len(samples)
            )
            self._ring[places % len(self._ring)] = kept
            self._written += len(samples)

    def read(self, count: int) -> FloatArray:
        """Take the next samples [count], zeros where there are none."""
        with self._lock:
            behind = self._written - self._read - count
            if not self._has_started or behind > self._delay + self._slack:
                self._read = self._written - self._delay - count
                self._has_started = True
            elif behind < self._delay - self._slack:
                return np.zeros(count, np.float32)
            places = np.arange(self._read, self._read + count)
            self._read += count
            oldest = max(0, self._written - len(self._ring))
            is_there = (places >= oldest) & (places < self._written)
            return np.where(is_there, self._ring[places % len(self._ring)], np.float32(0))


class Monitor:
    """An output device that repeats what it is given.

    Args:
        host: the sound system.
        device: where to play.
        rate_hz: of the sound that comes.
        delay_s: how late, in 0..5 s, besides what the devices themselves take.

    Raises:
        AudioError: the device cannot be opened, or not at this rate.
    """

    def __init__(self, host: AudioHost, device: AudioDevice, rate_hz: int, delay_s: float) -> None:
        self._line = DelayLine(round(delay_s * rate_hz), round(_SLACK_S * rate_hz))
        self._stream = host.open_output(device, rate_hz, self._fill)

    def hear(self, block: FloatArray) -> None:
        """Take samples [N, channels]."""
        self._line.write(block.mean(axis=1, dtype=np.float32))

    def close(self) -> None:
        """Fall silent."""
        self._stream.close()

    def _fill(self, block: FloatArray) -> None:
        block[:] = self._line.read(len(block))[:, None]


@dataclass(frozen=True, slots=True)
class MonitorRequest:
    """What the user asked to hear.

    Attributes:
        delay_s: see `Monitor`.
        device: index or name of the output; None for the default.

    Raises:
        ConfigError: the delay is out of its range.
    """

    delay_s: float
    device: str | None = None

    def __post_init__(self) -> None:
        """Refuse a delay that cannot be held."""
        if not 0 <= self.delay_s <= MAX_DELAY_S:
            raise ConfigError(
                f"monitor delay is {1000 * self.delay_s:g} ms; give 0 to {1000 * MAX_DELAY_S:g}"
            )
