"""Mel windows of training crops, cut exactly as `umo_runtime.audio.framing` cuts them live."""

import torch
from torch import Tensor

from umo_runtime.nn.log_mel import WINDOW_SAMPLES
from umo_runtime.types import FRAME_RATE_HZ, LOOK_AHEAD_S, MEL_PER_FRAME, SAMPLE_RATE_HZ

LEAD_SAMPLES = 1600  # samples a crop holds before its first frame
_MEL_RATE_HZ = FRAME_RATE_HZ * MEL_PER_FRAME
_LAST_WINDOW = round(LOOK_AHEAD_S * _MEL_RATE_HZ)


def frame_windows(samples: Tensor, frames: int) -> Tensor:
    """Windows [B, 4 L, 400] of the first L frames of crops [B, N] that lead by LEAD_SAMPLES."""
    mel = torch.arange(frames * MEL_PER_FRAME, device=samples.device)
    mel_windows = mel + _LAST_WINDOW - MEL_PER_FRAME + 1
    ends = (2 * mel_windows * SAMPLE_RATE_HZ + _MEL_RATE_HZ) // (2 * _MEL_RATE_HZ)
    starts = ends - WINDOW_SAMPLES + LEAD_SAMPLES
    return samples[:, starts[:, None] + torch.arange(WINDOW_SAMPLES, device=samples.device)]
