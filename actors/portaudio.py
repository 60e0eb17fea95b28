"""The machine's own microphones and loudspeakers, through PortAudio."""

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

from actors.audio_device import AudioDevice
from actors.audio_host import AudioStream, BlockCallback
from umo_runtime.errors import AudioError
from umo_runtime.types import FloatArray

INSTALL_HINT = (
    "install PortAudio (Debian, Ubuntu: apt install libportaudio2; macOS: brew install portaudio; "
    "Windows: pip install --force-reinstall sounddevice)"
)
_BLOCK_S = 0.010
_MAX_CHANNELS = 2  # what a plug-in of 32 virtual channels has beyond these is empty


class PortAudio:
    """An `AudioHost`.

    Args:
        sounddevice: the module of that name.
    """

    def __init__(self, sounddevice: Any) -> None:
        self._sounddevice = sounddevice

    @property
    def version(self) -> str:
        """PortAudio's own words, such as `PortAudio V19.7.0-devel, revision ...`."""
        return str(self._sounddevice.get_portaudio_version()[1])

    def inputs(self) -> list[AudioDevice]:
        """Everything that records, as of the start or the last `refresh`."""
        return self._devices("input", 0)

    def outputs(self) -> list[AudioDevice]:
        """Everything that plays."""
        return self._devices("output", 1)

    def open_input(self, device: AudioDevice, on_block: BlockCallback) -> AudioStream:
        """Record in blocks of 10 ms.

        Raises:
            AudioError: the device cannot be opened.
        """

        def callback(block: FloatArray, frames: int, time: object, status: object) -> None:
            on_block(block)

        channels = min(device.channels, _MAX_CHANNELS)
        return self._open("InputStream", device, device.rate_hz, channels, callback)

    def open_output(self, device: AudioDevice, rate_hz: int, fill: BlockCallback) -> AudioStream:
        """Play one channel.

        Raises:
            AudioError: the device cannot be opened, or not at this rate.
        """

        def callback(block: FloatArray, frames: int, time: object, status: object) -> None:
            fill(block)

        return self._open("OutputStream", device, rate_hz, 1, callback)

    def refresh(self) -> None:
        """Start PortAudio anew: it looks for devices only then."""
        self._sounddevice._terminate()
        self._sounddevice._initialize()

    def _devices(self, kind: str, direction: int) -> list[AudioDevice]:
        default = self._sounddevice.default.device[direction]
        apis = self._sounddevice.query_hostapis()
        return [
            AudioDevice(
                index=found["index"],
                name=found["name"],
                host_api=apis[found["hostapi"]]["name"],
                channels=found[f"max_{kind}_channels"],
                rate_hz=round(found["default_samplerate"]),
                is_default=found["index"] == default,
            )
            for found in self._sounddevice.query_devices()
            if found[f"max_{kind}_channels"] > 0
        ]

    def _open(
        self,
        kind: str,
        device: AudioDevice,
        rate_hz: int,
        channels: int,
        callback: Callable[..., None],
    ) -> AudioStream:
        try:
            with _quiet_libraries():
                stream = getattr(self._sounddevice, kind)(
                    samplerate=rate_hz,
                    blocksize=round(rate_hz * _BLOCK_S),
                    device=device.index,
                    channels=channels,
                    dtype="float32",
                    latency="low",
                    callback=callback,
                )
                stream.start()
        except (self._sounddevice.PortAudioError, ValueError) as error:
            raise AudioError(
                f"{device.name!r} cannot be opened ({error}); is another program using it, or is "
                "it forbidden to record? run: umo doctor"
            ) from error
        return _Stream(stream)


class _Stream:
    """An open `sounddevice` stream."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    @property
    def is_active(self) -> bool:
        return bool(self._stream.active)

    def close(self) -> None:
        with contextlib.suppress(Exception):  # of a device that is gone
            self._stream.abort()
        with contextlib.suppress(Exception):
            self._stream.close()


@contextlib.contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Keep ALSA and PortAudio, which print what they also return, off the terminal for a moment."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def open_portaudio() -> PortAudio:
    """Load the library.

    Raises:
        AudioError: it is not installed.
    """
    try:
        import sounddevice
    except (ImportError, OSError) as error:  # OSError: the library beneath it
        raise AudioError(f"no sound system ({error}); {INSTALL_HINT}") from error
    return PortAudio(sounddevice)
