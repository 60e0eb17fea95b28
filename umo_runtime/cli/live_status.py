"""What somebody who goes live wants to know, at one moment."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from actors.channel import Channel
from actors.frame_rate import FrameRate
from actors.microphone import MicrophoneSource
from umo_runtime.clock import Clock
from umo_runtime.types import AudioChunk, MotionFrame

_WINDOW_S = 10.0  # of the percentile
_SHARE_S = 1.0  # CPU use is taken over at least that


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """One line of `umo live --json`.

    Attributes:
        time_s: since the first frame.
        device: name of the microphone.
        connected: it delivers sound.
        level_db: loudness of the latest 10 ms, dB of full scale.
        voice: somebody speaks in them.
        latency_ms: from when a sound is made to when the frame that shows it was sent, of the
            latest frame, look-ahead included; the microphone's own delay is not known.
        latency_p95_ms: the same, 95th percentile of the last 10 s.
        frames: sent so far.
        dropped: blocks and chunks of 10 ms that were too late to be used.
        cpu_share: of one core, by this process; over the last second or more.
        outputs: where frames go.
    """

    time_s: float
    device: str
    connected: bool
    level_db: float
    voice: bool
    latency_ms: float
    latency_p95_ms: float
    frames: int
    dropped: int
    cpu_share: float
    outputs: tuple[str, ...]


class LiveMeter:
    """Counts frames and reads everybody's counters.

    Args:
        source: the microphone.
        audio: the channel behind it.
        outputs: where frames go.
        fps: how many.
        clock: the source's.
        cpu_s: processor time of this process so far.
    """

    def __init__(
        self,
        source: MicrophoneSource,
        audio: Channel[AudioChunk],
        outputs: tuple[str, ...],
        fps: FrameRate,
        clock: Clock,
        cpu_s: Callable[[], float] = time.process_time,
    ) -> None:
        self._source = source
        self._audio = audio
        self._outputs = outputs
        self._clock = clock
        self._cpu_s = cpu_s
        self._latencies_s: deque[float] = deque(maxlen=round(_WINDOW_S * fps))
        self._frames = 0
        self._began_s = self._share_from_s = clock.now_s()
        self._share_from_cpu_s, self._cpu_share = cpu_s(), 0.0

    def count(self, frame: MotionFrame) -> None:
        """Take a frame that was sent just now."""
        now_s = self._clock.now_s()
        if self._frames == 0:
            self._began_s = self._share_from_s = now_s
            self._share_from_cpu_s = self._cpu_s()
        self._frames += 1
        self._latencies_s.append(now_s - self._source.began_s - frame.time_s)

    def status(self) -> LiveStatus:
        """Read everything."""
        latencies_ms = 1000 * np.array(self._latencies_s or [0.0])
        conditioner, source = self._source.conditioner, self._source
        return LiveStatus(
            time_s=self._clock.now_s() - self._began_s,
            device=source.device.name,
            connected=source.is_connected,
            level_db=conditioner.level_db,
            voice=conditioner.is_voice,
            latency_ms=float(latencies_ms[-1]),
            latency_p95_ms=float(np.quantile(latencies_ms, 0.95)),
            frames=self._frames,
            dropped=source.num_dropped + self._audio.stats().dropped,
            cpu_share=self._share(),
            outputs=self._outputs,
        )

    def _share(self) -> float:
        elapsed_s = self._clock.now_s() - self._share_from_s
        if elapsed_s >= _SHARE_S:
            cpu_s = self._cpu_s()
            self._cpu_share = (cpu_s - self._share_from_cpu_s) / elapsed_s
            self._share_from_s, self._share_from_cpu_s = self._clock.now_s(), cpu_s
        return self._cpu_share
