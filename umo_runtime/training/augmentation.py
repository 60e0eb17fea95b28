"""Targeted audio augmentation: what rooms, backgrounds, microphones and networks do to a voice.

All on the device, batched, from an explicit generator, and nothing moves in time: mouths are judged
by the sound they were trained on. `speed_perturbation` is what does move it, and labels with it.
"""

import torch
from torch import Tensor

from umo_runtime.training.background_sound import add_background
from umo_runtime.training.chance import uniform
from umo_runtime.training.room_echo import add_echo
from umo_runtime.training.transmission import transmit

_GAIN_DB = (-20.0, 8.0)


def augment(samples: Tensor, generator: torch.Generator) -> Tensor:
    """Distort speech [B, N] without moving it in time.

    Args:
        samples: about -1..1.
        generator: on the same device.
    """
    if not samples.numel():
        return samples  # the transform of nothing is an error
    heard = add_echo(samples, generator)
    heard = add_background(heard, generator)
    heard = transmit(heard, generator)
    gain_db = uniform(len(samples), _GAIN_DB, generator)
    return (heard * 10 ** (gain_db / 20)).clamp(-1.0, 1.0)
