"""One open microphone: blocks from the sound system's thread to the one that reads them."""

import math
from dataclasses import dataclass

from actors.audio_device import AudioDevice
from actors.audio_host import AudioHost
from actors.channel import Channel, ChannelClosed
from actors.monitor import Monitor
from umo_runtime.clock import Clock
from umo_runtime.types import FloatArray

STALL_S = 0.5  # without a block, a device is taken to be gone
START_S = 5.0  # until the first one: wireless and virtual microphones take seconds
_WAITING_BLOCKS = 50  # 0.5 s; older sound is better lost than heard late


@dataclass(frozen=True, slots=True)
class CapturedBlock:
    """What one call of the sound system brought.

    Attributes:
        end: samples of the device up to the end of this block, lost ones included.
        samples: [N, channels] float32.
        captured_s: clock time of the call.
    """

    end: int
    samples: FloatArray
    captured_s: float


class Capture:
    """Records from the moment it is made until it is closed.

    Args:
        host: the sound system.
        device: what to record from.
        clock: dates blocks and tells when they stay away.
        monitor: plays the same sound; closed with the capture.

    Raises:
        AudioError: the device cannot be opened.
    """

    def __init__(
        self, host: AudioHost, device: AudioDevice, clock: Clock, monitor: Monitor | None = None
    ) -> None:
        self._clock = clock
        self._monitor = monitor
        self._blocks: Channel[CapturedBlock] = Channel(_WAITING_BLOCKS, "drop_oldest", clock=clock)
        self._num_samples = 0
        self._lost_from_s = math.inf
        self._stream = host.open_input(device, self._take)
        self._lost_from_s = min(self._lost_from_s, clock.now_s() + START_S)

    def read(self, timeout_s: float) -> CapturedBlock | None:
        """Wait for the oldest block; None when none came in time."""
        try:
            return self._blocks.get(timeout_s)
        except TimeoutError:
            return None

    @property
    def is_lost(self) -> bool:
        """The device ended or has been silent for too long, and all it brought is read."""
        is_gone = not self._stream.is_active
        is_stalled = self._clock.now_s() > self._lost_from_s
        return (is_gone or is_stalled) and self._blocks.stats().depth == 0

    @property
    def num_dropped(self) -> int:
        """Blocks that were thrown away because nobody read them in time."""
        return self._blocks.stats().dropped

    def close(self) -> None:
        """Stop recording and playing."""
        self._blocks.close()
        self._stream.close()
        if self._monitor is not None:
            self._monitor.close()

    def _take(self, block: FloatArray) -> None:
        """Copy a block; runs on the sound system's thread, which must never wait."""
        now_s = self._clock.now_s()
        self._lost_from_s = now_s + STALL_S
        self._num_samples += len(block)
        try:
            self._blocks.put(CapturedBlock(self._num_samples, block.copy(), now_s))
        except ChannelClosed:
            return
        if self._monitor is not None:
            self._monitor.hear(block)
