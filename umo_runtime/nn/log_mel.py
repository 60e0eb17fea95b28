"""Log-mel front end as a matrix product, so that it exports with the network behind it.

Windows are 25 ms (400 samples at 16 kHz) every 1/120 s: four to a motion frame.
"""

import math

import torch
from torch import Tensor, nn

from umo_runtime.types import SAMPLE_RATE_HZ, WINDOW_SAMPLES

_FFT_SIZE = 512
_FLOOR = 1e-5  # power; about what 16-bit silence gives
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 7600.0


def _mel_filters(num_mels: int) -> Tensor:
    """Triangular filters [bins, M] evenly spaced on the HTK mel scale."""

    def to_mel(hz: float) -> float:
        return 2595.0 * math.log10(1.0 + hz / 700.0)

    edges_mel = torch.linspace(to_mel(_LOWEST_HZ), to_mel(_HIGHEST_HZ), num_mels + 2)
    edges_hz = 700.0 * (10.0 ** (edges_mel / 2595.0) - 1.0)
    bins_hz = torch.arange(_FFT_SIZE // 2 + 1) * (SAMPLE_RATE_HZ / _FFT_SIZE)
    rise = (bins_hz[:, None] - edges_hz[:-2]) / (edges_hz[1:-1] - edges_hz[:-2])
    fall = (edges_hz[2:] - bins_hz[:, None]) / (edges_hz[2:] - edges_hz[1:-1])
    return torch.minimum(rise, fall).clamp(min=0)


class LogMel(nn.Module):
    """Raw windows to log-mel energies, about zero mean and unit range for speech."""

    cosine: Tensor
    sine: Tensor
    filters: Tensor

    def __init__(self, num_mels: int) -> None:
        super().__init__()
        window = torch.hann_window(WINDOW_SAMPLES, periodic=False)
        angle = (
            torch.arange(WINDOW_SAMPLES)[:, None]
            * torch.arange(_FFT_SIZE // 2 + 1)
            * (2 * math.pi / _FFT_SIZE)
        )
        self.register_buffer("cosine", window[:, None] * torch.cos(angle), persistent=False)
        self.register_buffer("sine", window[:, None] * torch.sin(angle), persistent=False)
        self.register_buffer("filters", _mel_filters(num_mels), persistent=False)

    def forward(self, windows: Tensor) -> Tensor:
        """Analyse windows [..., 400] of samples in -1..1 into [..., M]."""
        real, imaginary = windows @ self.cosine, windows @ self.sine
        power = (real * real + imaginary * imaginary) @ self.filters
        return (torch.log(power + _FLOOR) + 4.0) / 4.0
