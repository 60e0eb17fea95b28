"""The preset expressions of VRM from the 52 ARKit blendshapes, for models without Perfect Sync.

The vowels share the mouth by where it stands between open and close, and round, spread and neither:

    =========  =============================  ====================
    lips       jaw open                       jaw close
    =========  =============================  ====================
    neither    A                              none
    spread     E                              I
    round      O                              U
    =========  =============================  ====================

Lips that touch silence them all, whatever their shape. So every weight is in 0..1, and all vowels
together never exceed 1: no mouth is opened twice. Emotions are read from what the face does beside
speaking and reach half their preset, since presets shut eyes and open mouths of their own accord.
"""

from collections.abc import Mapping

import numpy as np

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, NUM_BLENDSHAPES
from umo_runtime.types import FloatArray

VRM0_PRESETS = ("A", "E", "O", "I", "U", "Blink_L", "Blink_R", "Joy", "Angry", "Sorrow")
VRM1_PRESETS = ("aa", "ee", "oh", "ih", "ou", "blinkLeft", "blinkRight", "happy", "angry", "sad")
NUM_PRESETS = len(VRM0_PRESETS)
# A measure is the sum of blendshapes by these weights and a constant, kept between 0 and the most
# it may be. Names without side stand for the mean of left and right.
_MEASURES: tuple[tuple[Mapping[str, float], float, float], ...] = (
    # Jaw open: a held AA has 0.58.
    ({"jawOpen": 1.8, "mouthClose": -1.8}, 0.0, 1.0),
    # Lips apart.
    ({"jawOpen": 8, "mouthClose": -8, "mouthLowerDown": 8, "mouthUpperUp": 8}, 0.0, 1.0),
    # Round: a held OW has 0.42 and 0.32, a UW 0.34 and 0.58.
    ({"mouthFunnel": 1.25, "mouthPucker": 1.25}, 0.0, 1.0),
    # Spread: a held IY has 0.30. Not the smile, which is joy.
    ({"mouthStretch": 3.3}, 0.0, 1.0),
    ({"eyeBlinkLeft": 1.0}, 0.0, 1.0),
    ({"eyeBlinkRight": 1.0}, 0.0, 1.0),
    # Joy: cheeks rise to 0.7; faint smiles of speech raise them to 0.1.
    ({"cheekSquint": 0.7}, -0.075, 0.5),
    # Anger: brows come down to 0.9; in sadness they do to 0.2 and rise inside.
    ({"browDown": 0.6, "browInnerUp": -0.25}, -0.05, 0.5),
    # Sadness: the corners of the mouth go down to 0.6.
    ({"mouthFrown": 0.9}, -0.05, 0.5),
)


def vrm_presets(blendshapes: FloatArray) -> FloatArray:
    """Weigh the presets.

    Args:
        blendshapes: [N, 52].

    Returns:
        [N, 10] in 0..1, in the order of `VRM0_PRESETS` and `VRM1_PRESETS`.
    """
    measures = _WEIGHTS @ blendshapes.T
    measures += _CONSTANTS
    np.maximum(measures, 0, out=measures)
    np.minimum(measures, _MOST, out=measures)
    opened, apart, rounded, spread = measures[:4]
    presets: FloatArray = np.empty((NUM_PRESETS, len(blendshapes)), np.float32)
    shares: FloatArray = np.empty((3, len(blendshapes)), np.float32)
    shares[2] = apart * rounded
    unrounded = apart - shares[2]
    shares[1] = unrounded * spread
    shares[0] = unrounded - shares[1]
    presets[:3] = opened * shares  # A E O
    presets[3:5] = shares[1:] - presets[1:3]  # I U
    presets[5:] = measures[4:]
    return presets.T


def _weights() -> FloatArray:
    """Of every blendshape in every measure, [9, 52]."""
    weights = np.zeros((len(_MEASURES), NUM_BLENDSHAPES), np.float32)
    for row, (named, _, _) in zip(weights, _MEASURES, strict=True):
        for name, weight in named.items():
            sides = [name] if name in BLENDSHAPE_INDEX else [f"{name}Left", f"{name}Right"]
            row[[BLENDSHAPE_INDEX[side] for side in sides]] = weight / len(sides)
    return weights


_WEIGHTS: FloatArray = _weights()
_CONSTANTS: FloatArray = np.array([[constant] for _, constant, _ in _MEASURES], np.float32)
_MOST: FloatArray = np.array([[most] for _, _, most in _MEASURES], np.float32)
