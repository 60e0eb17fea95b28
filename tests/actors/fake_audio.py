"""A sound system without sound: tests speak into it, and pull its plugs."""

from dataclasses import dataclass, field

import numpy as np

from actors.audio_device import AudioDevice
from actors.audio_host import BlockCallback
from umo_runtime.errors import AudioError
from umo_runtime.types import FloatArray

MICROPHONE = AudioDevice(0, "Desk mic", "Fake", 2, 48_000, is_default=True)
LOUDSPEAKER = AudioDevice(1, "Headset", "Fake", 2, 48_000, is_default=True)


@dataclass
class FakeStream:
    on_block: BlockCallback
    is_active: bool = True
    is_closed: bool = False

    def close(self) -> None:
        self.is_active, self.is_closed = False, True


@dataclass
class FakeHost:
    microphones: list[AudioDevice] = field(default_factory=lambda: [MICROPHONE])
    loudspeakers: list[AudioDevice] = field(default_factory=lambda: [LOUDSPEAKER])
    recording: list[FakeStream] = field(default_factory=list)
    playing: list[FakeStream] = field(default_factory=list)
    num_refreshed: int = 0

    def inputs(self) -> list[AudioDevice]:
        return self.microphones

    def outputs(self) -> list[AudioDevice]:
        return self.loudspeakers

    def open_input(self, device: AudioDevice, on_block: BlockCallback) -> FakeStream:
        return self._open(device, self.microphones, self.recording, on_block)

    def open_output(self, device: AudioDevice, rate_hz: int, fill: BlockCallback) -> FakeStream:
        return self._open(device, self.loudspeakers, self.playing, fill)

    def refresh(self) -> None:
        assert all(stream.is_closed for stream in (*self.recording, *self.playing))
        self.num_refreshed += 1

    def speak(self, samples: FloatArray) -> None:
        """Deliver a block [N] on both channels of the open microphone; its memory is reused."""
        if self.recording and not self.recording[-1].is_closed:
            block = np.repeat(samples[:, None], 2, axis=1)
            self.recording[-1].on_block(block)
            block[:] = np.nan

    def play(self, count: int) -> FloatArray:
        """What the open loudspeaker wants next, [count]."""
        block = np.full((count, 1), np.nan, np.float32)
        self.playing[-1].on_block(block)
        return block[:, 0]

    def unplug(self) -> None:
        self.microphones = []
        self.recording[-1].is_active = False

    def _open(
        self,
        device: AudioDevice,
        there: list[AudioDevice],
        streams: list[FakeStream],
        on_block: BlockCallback,
    ) -> FakeStream:
        if device not in there:
            raise AudioError(f"{device.name!r} cannot be opened")
        streams.append(FakeStream(on_block))
        return streams[-1]
