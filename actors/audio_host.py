"""What the runtime needs of a sound system. `actors.portaudio` implements it; tests bring fakes."""

from collections.abc import Callable, Sequence
from typing import Protocol

from actors.audio_device import AudioDevice
from umo_runtime.types import FloatArray

# Called on the sound system's own thread with a block [N, channels] that is valid only during the
# call: an input's to be copied, an output's to be filled.
BlockCallback = Callable[[FloatArray], None]


class AudioStream(Protocol):
    """An open device; blocks move until it is closed or the device goes away."""

    @property
    def is_active(self) -> bool:
        """Blocks are expected. False for good once the device is gone."""
        ...

    def close(self) -> None:
        """Stop; no callback runs afterwards. Never raises, may be called twice."""
        ...


class AudioHost(Protocol):
    """Devices of this machine."""

    def inputs(self) -> Sequence[AudioDevice]:
        """Everything that records, as of the start or the last `refresh`."""
        ...

    def outputs(self) -> Sequence[AudioDevice]:
        """Everything that plays."""
        ...

    def open_input(self, device: AudioDevice, on_block: BlockCallback) -> AudioStream:
        """Record at the device's own rate, in blocks of about 10 ms and at most two channels.

        Raises:
            AudioError: the device cannot be opened.
        """
        ...

    def open_output(self, device: AudioDevice, rate_hz: int, fill: BlockCallback) -> AudioStream:
        """Play one channel.

        Raises:
            AudioError: the device cannot be opened, or not at this rate.
        """
        ...

    def refresh(self) -> None:
        """Look for devices again; every stream must be closed."""
        ...
