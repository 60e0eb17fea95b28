"""A microphone as a source of speech that outlives its own unplugging.

Time on the stream is the microphone's own: its samples are counted, those that were lost on the way
are replaced by silence. While the microphone is gone, silence goes on at the pace of the clock, so
that the avatar stays alive, and the device is looked for by its name once a second.
"""

import logging
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from actors.audio_capture import CHUNK_S, CHUNK_SAMPLES
from actors.audio_device import AudioDevice, find_device
from actors.audio_host import AudioHost
from actors.capture import Capture
from actors.microphone_sound import MicrophoneSound
from actors.monitor import Monitor, MonitorRequest
from umo_runtime.audio.conditioning import VoiceConditioner
from umo_runtime.clock import Clock
from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.errors import AudioError
from umo_runtime.types import SAMPLE_RATE_HZ, AudioChunk, FloatArray

RETRY_S = 1.0
_POLL_S = 0.02  # how long `stop` may go unnoticed
_START_BLOCKS = 200  # 2 s; the promptest of them tells when the stream began

_log = logging.getLogger(__name__)


class MicrophoneSource:
    """What somebody says, a frame at a time, until it is stopped.

    Args:
        host: the sound system.
        device: the microphone.
        clock: dates chunks and paces silence.
        conditioner: gate and gain.
        stream: which avatar speaks.
        controls: what the character is told.
        monitor: how to play the microphone back; None does not.
        max_s: seconds after which it ends by itself; None for never.

    Attributes:
        device: the microphone, as the system lists it now.
        conditioner: as given; knows the level and whether somebody speaks.
        is_connected: sound comes in.
        began_s: clock time at which the stream's first sample was there, had the current device
            been there from the start: what was said at `time_s` of the stream was said at
            `began_s + time_s`.
    """

    def __init__(
        self,
        host: AudioHost,
        device: AudioDevice,
        clock: Clock,
        conditioner: VoiceConditioner,
        stream: str = "main",
        controls: Controls = NEUTRAL,
        monitor: MonitorRequest | None = None,
        max_s: float | None = None,
    ) -> None:
        self._host = host
        self._clock = clock
        self._stream = stream
        self._controls = controls
        self._monitor = monitor
        self._max_samples = None if max_s is None else round(max_s * SAMPLE_RATE_HZ)
        self._num_samples = 0
        self._earlier_drops = 0
        self._capture: Capture | None = None
        self._is_stopped = False
        self.device = device
        self.conditioner = conditioner
        self.is_connected = False
        self.began_s = clock.now_s()

    @property
    def stream(self) -> str:
        """Which avatar speaks."""
        return self._stream

    @property
    def num_dropped(self) -> int:
        """Blocks that came in and were thrown away, because this machine was too slow."""
        capture = self._capture
        return self._earlier_drops + (capture.num_dropped if capture else 0)

    def stop(self) -> None:
        """End the stream within 20 ms. May be called from a signal handler."""
        self._is_stopped = True

    def __iter__(self) -> Iterator[AudioChunk]:
        """Record and yield chunks. Iterate once.

        Raises:
            AudioError: the microphone, or what it is to be played on, cannot be opened.
        """
        self._connect(self._open())
        try:
            while not self._is_over:
                yield from self._listen()
                yield from self._wait_in_silence()
        finally:
            self._disconnect()
        yield self._chunk(np.zeros(0, np.float32), self._clock.now_s(), is_last=True)

    @property
    def _is_over(self) -> bool:
        is_full = self._max_samples is not None and self._num_samples >= self._max_samples
        return self._is_stopped or is_full

    def _open(self) -> Capture:
        monitor = None
        if self._monitor is not None:
            output = find_device(self._host.outputs(), self._monitor.device, "output")
            monitor = Monitor(self._host, output, self.device.rate_hz, self._monitor.delay_s)
        try:
            return Capture(self._host, self.device, self._clock, monitor)
        except AudioError:
            if monitor is not None:
                monitor.close()
            raise

    def _connect(self, capture: Capture) -> None:
        self._capture, self.is_connected = capture, True

    def _disconnect(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.close()
            self._earlier_drops += capture.num_dropped

    def _listen(self) -> Iterator[AudioChunk]:
        """Chunks of the open microphone, until it is gone."""
        capture, rate_hz = self._capture, self.device.rate_hz
        sound, time_s = MicrophoneSound(rate_hz, self._num_samples), self._time_s
        starts_s: deque[float] = deque(maxlen=_START_BLOCKS)
        while capture and not self._is_over and not capture.is_lost:
            block = capture.read(_POLL_S)
            if block is None:
                continue
            starts_s.append(block.captured_s - block.end / rate_hz - time_s)
            self.began_s = min(starts_s)
            samples = sound.push(block)
            if len(samples):
                yield self._chunk(self.conditioner.push(samples), block.captured_s)

    def _wait_in_silence(self) -> Iterator[AudioChunk]:
        """Silence at real pace, until the microphone is back."""
        if self._is_over:
            return
        _log.warning("microphone %r is gone; waiting for it", self.device.name)
        self.is_connected = False
        now_s = self._clock.now_s()
        self.began_s, try_s = now_s - self._time_s, now_s + RETRY_S
        attempt: Future[Capture] | None = None
        with ThreadPoolExecutor(1, "umo-microphone") as opener:  # closing, opening may take long
            while not self._is_over and not self.is_connected:
                end_s = self.began_s + self._time_s + CHUNK_S
                self._clock.wait_until(end_s)
                silence = np.zeros(CHUNK_SAMPLES, np.float32)
                yield self._chunk(self.conditioner.push(silence), end_s)
                if attempt is None and end_s >= try_s:
                    attempt, try_s = opener.submit(self._reopen), end_s + RETRY_S
                elif attempt is not None and attempt.done():
                    self._settle(attempt)
                    attempt = None
        if attempt is not None:  # stopped meanwhile
            self._settle(attempt)

    def _reopen(self) -> Capture:
        self._disconnect()
        self._host.refresh()
        name, api = self.device.name, self.device.host_api
        same = [one for one in self._host.inputs() if (one.name, one.host_api) == (name, api)]
        if not same:
            raise AudioError(f"{name!r} is not there; plug it in")
        self.device = same[0]
        capture = self._open()
        while not (self._is_over or capture.is_lost):
            if capture.read(_POLL_S) is not None:
                return capture
        capture.close()
        raise AudioError(f"{name!r} stays silent; plug it in anew")

    def _settle(self, attempt: Future[Capture]) -> None:
        try:
            self._connect(attempt.result())
        except AudioError as error:
            _log.debug("%s", error)
        else:
            _log.warning("microphone %r is back", self.device.name)

    @property
    def _time_s(self) -> float:
        """Time on the stream of what comes next."""
        return self._num_samples / SAMPLE_RATE_HZ

    def _chunk(self, samples: FloatArray, captured_s: float, is_last: bool = False) -> AudioChunk:
        start = self._num_samples
        self._num_samples += len(samples)
        return AudioChunk(self._stream, start, samples, captured_s, is_last, self._controls)
