"""Mel windows of training crops, cut where `umo_runtime.audio.framing` cuts them live."""

import numpy as np
import torch
from torch import Tensor

from umo_runtime.audio.framing import window_ends
from umo_runtime.types import WINDOW_SAMPLES

LEAD_SAMPLES = 1600  # samples a crop holds before its first frame


def frame_windows(samples: Tensor, frames: int) -> Tensor:
    """Windows [B, 4 L, 400] of the first L frames of crops [B, N] that lead by LEAD_SAMPLES."""
    ends = torch.from_numpy(window_ends(np.arange(frames)).reshape(-1)).to(samples.device)
    starts = ends - WINDOW_SAMPLES + LEAD_SAMPLES
    return samples[:, starts[:, None] + torch.arange(WINDOW_SAMPLES, device=samples.device)]
