import numpy as np
import pytest
import torch

from benchmarks.train_gesture_encoder import LATENT, Autoencoder, encoder_arrays
from umo_runtime.evaluation.gesture_encoder import NUM_FEATURES, WINDOW_FRAMES, GestureEncoder


@pytest.fixture(scope="session")
def autoencoder() -> Autoencoder:
    torch.manual_seed(0)
    return Autoencoder()


@pytest.fixture(scope="session")
def encoder(autoencoder: Autoencoder) -> GestureEncoder:
    """Untrained."""
    generator = torch.Generator().manual_seed(1)
    windows = torch.randn(8 * LATENT, NUM_FEATURES, WINDOW_FRAMES, generator=generator)
    ones = np.ones(NUM_FEATURES, np.float32)
    return GestureEncoder(encoder_arrays(autoencoder, 0 * ones, ones, windows))
