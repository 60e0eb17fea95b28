import builtins
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from actors.audio_device import AudioDevice
from actors.portaudio import PortAudio, open_portaudio
from umo_runtime.errors import AudioError


class FakeSounddevice:
    """The little of `sounddevice` that is used."""

    class PortAudioError(Exception):
        pass

    def __init__(self) -> None:
        self.default = SimpleNamespace(device=(2, 0))
        self.calls: list[str] = []
        self.opened: dict[str, Any] = {}
        self.start_error: Exception | None = None
        self.active = True

    def query_hostapis(self) -> list[dict[str, Any]]:
        return [{"name": "ALSA"}]

    def query_devices(self) -> list[dict[str, Any]]:
        return [
            {
                "index": index,
                "name": name,
                "hostapi": 0,
                "max_input_channels": inputs,
                "max_output_channels": outputs,
                "default_samplerate": 44_100.0,
            }
            for index, (name, inputs, outputs) in enumerate(
                [("Speakers", 0, 2), ("Webcam", 1, 0), ("pulse", 32, 32)]
            )
        ]

    def get_portaudio_version(self) -> tuple[int, str]:
        return 1, "PortAudio V19"

    def _stream(self, **options: Any) -> Any:
        self.opened = options

        def start() -> None:
            if self.start_error:
                raise self.start_error

        def end() -> None:
            raise self.PortAudioError("the device is gone")

        return SimpleNamespace(start=start, abort=end, close=end, active=self.active)

    InputStream = OutputStream = _stream

    def _terminate(self) -> None:
        self.calls.append("terminate")

    def _initialize(self) -> None:
        self.calls.append("initialize")


def test_devices_are_listed_by_direction() -> None:
    host = PortAudio(FakeSounddevice())
    assert host.inputs() == [
        AudioDevice(1, "Webcam", "ALSA", 1, 44_100),
        AudioDevice(2, "pulse", "ALSA", 32, 44_100, is_default=True),
    ]
    assert [(one.index, one.is_default) for one in host.outputs()] == [(0, True), (2, False)]
    assert host.version == "PortAudio V19"


def test_a_microphone_is_opened_at_its_own_rate_in_blocks_of_10_ms() -> None:
    module = FakeSounddevice()
    host, heard = PortAudio(module), []
    stream = host.open_input(host.inputs()[1], heard.append)
    wanted = {"samplerate": 44_100, "blocksize": 441, "device": 2, "channels": 2}
    assert wanted.items() <= module.opened.items()
    module.opened["callback"](np.ones((441, 2)), 441, None, None)
    assert heard[0].shape == (441, 2)
    assert stream.is_active
    stream.close()  # the device is gone, and still it does not raise
    stream.close()


def test_what_cannot_be_opened_is_one_error_of_ours() -> None:
    for error in (FakeSounddevice.PortAudioError("busy"), ValueError("no rate")):
        module = FakeSounddevice()
        module.start_error = error
        host = PortAudio(module)
        with pytest.raises(AudioError, match=f"'Webcam' cannot be opened .{error}.*umo doctor"):
            host.open_input(host.inputs()[0], print)
        with pytest.raises(AudioError, match="'Speakers' cannot be opened"):
            host.open_output(host.outputs()[0], 48_000, print)


def test_devices_are_looked_for_by_starting_portaudio_anew() -> None:
    module = FakeSounddevice()
    PortAudio(module).refresh()
    assert module.calls == ["terminate", "initialize"]


def test_a_missing_library_is_one_line_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real(name, *rest, **more)

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(AudioError, match=r"apt install libportaudio2.*brew install portaudio"):
        open_portaudio()
