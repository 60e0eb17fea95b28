"""A mouth that rests in silence.

What least squares leaves of a mouth in a pause is small, but it trembles with every breath and
every car outside, which nobody's lips do. A mouth comes to rest over the first tenth of a second of
a silence, as lips close after a last word, and is free again with the first sound.
"""

import torch
from torch import Tensor

from umo_runtime.tokenizer.phones import SILENCE

_LIKELY, _SURE = 0.5, 0.85  # probabilities of silence: a mouth begins to rest, and rests
_CALM, _WAKE = 0.25, 0.8  # how fast rest comes and goes, per frame


def rest(mouth: Tensor, said: Tensor, resting: Tensor) -> tuple[Tensor, Tensor]:
    """Bring a mouth to rest.

    Args:
        mouth: [B, M].
        said: probabilities of the phones being said, [B, 40].
        resting: how much it rests since the frame before, [B, 1] 0..1.

    Returns:
        The mouth [B, M] and the new `resting`.
    """
    silence = ((said[:, SILENCE, None] - _LIKELY) / (_SURE - _LIKELY)).clamp(0.0, 1.0)
    resting = resting + torch.where(silence > resting, _CALM, _WAKE) * (silence - resting)
    return mouth * (1 - resting), resting
