"""From a device's blocks to 16 kHz mono, in runs that each complete a frame.

A run ends with the block that completes the next frame (`umo_runtime.audio.framing`). That is no
later than handing on every block would be, and everything behind works a third as often.
"""

import numpy as np

from actors.capture import CapturedBlock
from umo_runtime.audio.framing import WARM_UP_FRAME, samples_needed
from umo_runtime.audio.resampling import StreamResampler
from umo_runtime.types import FloatArray


class MicrophoneSound:
    """Mixes, resamples and fills gaps.

    Args:
        rate_hz: of the device.
        num_samples: 16 kHz samples that the stream has had before.
    """

    def __init__(self, rate_hz: int, num_samples: int = 0) -> None:
        self._resampler = StreamResampler(rate_hz)
        self._num_samples = num_samples
        self._next_frame = WARM_UP_FRAME
        self._waiting: list[FloatArray] = []
        self._num_waiting = self._heard = 0

    def push(self, block: CapturedBlock) -> FloatArray:
        """Take a block; blocks that were lost before it are heard as silence.

        Returns:
            All samples [N] at 16 kHz since the last run; N = 0 while the next frame is incomplete.
        """
        missing = block.end - len(block.samples) - self._heard
        if missing > 0:
            self._waiting.append(np.zeros((missing, block.samples.shape[1]), np.float32))
        self._waiting.append(block.samples)
        self._num_waiting += block.end - self._heard
        self._heard = block.end
        end = self._num_samples + self._resampler.num_completed(self._num_waiting)
        while samples_needed(self._next_frame) <= self._num_samples:
            self._next_frame += 1
        return self._take() if samples_needed(self._next_frame) <= end else np.zeros(0, np.float32)

    def _take(self) -> FloatArray:
        mono = np.concatenate(self._waiting).mean(axis=1, dtype=np.float32)
        self._waiting.clear()
        self._num_waiting = 0
        samples = self._resampler.push(np.nan_to_num(mono, posinf=0.0, neginf=0.0))
        self._num_samples += len(samples)
        return samples
