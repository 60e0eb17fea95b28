"""A microphone into which somebody speaks noise at real pace, for the commands."""

import threading
import time

import numpy as np

from actors.audio_device import AudioDevice
from actors.audio_host import BlockCallback
from tests.actors.fake_audio import FakeHost, FakeStream


class SpeakingHost(FakeHost):
    """A `FakeHost` with a thread that delivers 10 ms of noise every 10 ms to whoever records."""

    def open_input(self, device: AudioDevice, on_block: BlockCallback) -> FakeStream:
        stream = super().open_input(device, on_block)
        threading.Thread(target=self._deliver, args=(stream,), daemon=True).start()
        return stream

    def _deliver(self, stream: FakeStream) -> None:
        random = np.random.default_rng(0)
        due_s = time.monotonic()
        while stream.is_active:
            stream.on_block(random.normal(0, 0.05, (480, 2)).astype(np.float32))
            due_s += 0.01
            time.sleep(max(0.0, due_s - time.monotonic()))
