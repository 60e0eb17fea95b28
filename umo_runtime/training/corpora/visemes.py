"""What the mouth does for each ARPAbet phone, in ARKit blendshapes.

A target is what the mouth would reach if the phone were held. How far it gets there is settled by
its dominance over its neighbours, for each articulator apart: a high value holds its shape, a low
one lets the neighbours decide (K, G and HH take the lips of the vowels around them).
Sources: M. Cohen and D. Massaro, "Modeling coarticulation in synthetic visual speech", 1993
(dominance); P. Edwards et al., "JALI", SIGGRAPH 2016 (which phones need the lips, which the jaw).
"""

import enum

import numpy as np
import numpy.typing as npt

from umo_runtime.blendshapes import BLENDSHAPE_INDEX

FloatArray = npt.NDArray[np.float32]


class Articulator(enum.IntEnum):
    """Parts of the mouth that move at their own pace."""

    JAW = 0
    ROUNDING = 1
    SPREADING = 2
    FRONT = 3  # lips that bare the teeth, tip of the tongue


# The blendshapes of a column of the table; left and right do the same.
_COLUMNS: tuple[tuple[Articulator, tuple[str, ...]], ...] = (
    (Articulator.JAW, ("jawOpen",)),
    (Articulator.ROUNDING, ("mouthFunnel",)),
    (Articulator.ROUNDING, ("mouthPucker",)),
    (Articulator.SPREADING, ("mouthSmileLeft", "mouthSmileRight")),
    (Articulator.SPREADING, ("mouthStretchLeft", "mouthStretchRight")),
    (Articulator.FRONT, ("mouthLowerDownLeft", "mouthLowerDownRight")),
    (Articulator.FRONT, ("mouthUpperUpLeft", "mouthUpperUpRight")),
    (Articulator.FRONT, ("tongueOut",)),
)

# fmt: off
# Targets, then dominance. Phones whose lips must touch are finished by `lip_contact`.
_TABLE: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    #       jaw  funnel pucker smile stretch lower upper tongue   jaw  round spread front
    "AA":  ((.58, .06,  .00,   .00,  .05,    .20,  .08,  .00),    (1.0,  .5,  .4,  .5)),
    "AE":  ((.54, .00,  .00,   .08,  .22,    .24,  .12,  .00),    (1.0,  .6,  .6,  .5)),
    "AH":  ((.38, .03,  .00,   .02,  .05,    .15,  .05,  .00),    ( .7,  .3,  .3,  .4)),
    "AO":  ((.54, .38,  .18,   .00,  .00,    .14,  .04,  .00),    (1.0,  .9,  .6,  .5)),
    "EH":  ((.44, .00,  .00,   .06,  .16,    .20,  .10,  .00),    ( .9,  .6,  .5,  .5)),
    "ER":  ((.26, .32,  .18,   .00,  .00,    .14,  .06,  .00),    ( .8,  .8,  .5,  .5)),
    "IH":  ((.27, .00,  .00,   .06,  .16,    .18,  .08,  .00),    ( .7,  .5,  .5,  .5)),
    "IY":  ((.20, .00,  .00,   .18,  .30,    .20,  .10,  .00),    ( .8,  .9,  .9,  .6)),
    "OW":  ((.38, .42,  .32,   .00,  .00,    .08,  .02,  .00),    ( .9, 1.0,  .7,  .5)),
    "UH":  ((.26, .30,  .22,   .00,  .00,    .12,  .04,  .00),    ( .7,  .8,  .5,  .4)),
    "UW":  ((.16, .34,  .58,   .00,  .00,    .04,  .00,  .00),    ( .8, 1.2,  .8,  .6)),
    "P":   ((.00, .00,  .00,   .00,  .00,    .00,  .00,  .00),    ( .6,  .2,  .2,  .6)),
    "B":   ((.00, .00,  .00,   .00,  .00,    .00,  .00,  .00),    ( .6,  .2,  .2,  .6)),
    "M":   ((.00, .00,  .00,   .00,  .00,    .00,  .00,  .00),    ( .6,  .2,  .2,  .6)),
    "F":   ((.06, .00,  .00,   .00,  .05,    .00,  .22,  .00),    ( .6,  .3,  .3,  .9)),
    "V":   ((.06, .00,  .00,   .00,  .05,    .00,  .20,  .00),    ( .6,  .3,  .3,  .9)),
    "TH":  ((.12, .00,  .00,   .00,  .06,    .22,  .10,  .30),    ( .6,  .2,  .2,  .9)),
    "DH":  ((.12, .00,  .00,   .00,  .04,    .18,  .08,  .20),    ( .4,  .2,  .2,  .7)),
    "T":   ((.09, .00,  .00,   .02,  .08,    .20,  .08,  .00),    ( .5,  .1,  .2,  .5)),
    "D":   ((.10, .00,  .00,   .02,  .08,    .20,  .08,  .00),    ( .5,  .1,  .2,  .5)),
    "N":   ((.11, .00,  .00,   .02,  .06,    .16,  .06,  .00),    ( .4,  .1,  .2,  .4)),
    "L":   ((.18, .00,  .00,   .02,  .06,    .16,  .06,  .04),    ( .4,  .1,  .2,  .4)),
    "S":   ((.05, .00,  .00,   .10,  .20,    .28,  .12,  .00),    ( .9,  .3,  .6,  .9)),
    "Z":   ((.06, .00,  .00,   .08,  .18,    .26,  .12,  .00),    ( .9,  .3,  .6,  .9)),
    "SH":  ((.07, .44,  .26,   .00,  .00,    .20,  .12,  .00),    ( .9,  .9,  .6,  .8)),
    "ZH":  ((.07, .42,  .26,   .00,  .00,    .20,  .12,  .00),    ( .9,  .9,  .6,  .8)),
    "CH":  ((.06, .42,  .24,   .00,  .00,    .20,  .12,  .00),    ( .9,  .9,  .6,  .8)),
    "JH":  ((.07, .40,  .24,   .00,  .00,    .20,  .12,  .00),    ( .9,  .9,  .6,  .8)),
    "K":   ((.16, .00,  .00,   .00,  .04,    .12,  .05,  .00),    ( .2,  .1,  .1,  .2)),
    "G":   ((.16, .00,  .00,   .00,  .04,    .12,  .05,  .00),    ( .2,  .1,  .1,  .2)),
    "NG":  ((.16, .00,  .00,   .00,  .04,    .12,  .05,  .00),    ( .2,  .1,  .1,  .2)),
    "HH":  ((.22, .00,  .00,   .00,  .04,    .12,  .05,  .00),    ( .1,  .1,  .1,  .1)),
    "R":   ((.16, .34,  .24,   .00,  .00,    .12,  .06,  .00),    ( .4,  .8,  .5,  .4)),
    "W":   ((.07, .34,  .66,   .00,  .00,    .02,  .00,  .00),    ( .7, 1.2,  .8,  .7)),
    "Y":   ((.13, .00,  .00,   .16,  .26,    .18,  .08,  .00),    ( .5,  .7,  .8,  .5)),
    "SIL": ((.00, .00,  .00,   .00,  .00,    .00,  .00,  .00),    ( .3,  .2,  .2,  .3)),
}
# fmt: on

# Diphthongs start as one vowel and end as another.
GLIDES: dict[str, tuple[str, str]] = {
    "AY": ("AA", "IH"),
    "AW": ("AA", "UW"),
    "EY": ("EH", "IY"),
    "OY": ("AO", "IY"),
}
PHONES: frozenset[str] = frozenset(_TABLE) | frozenset(GLIDES)
VOWELS: frozenset[str] = frozenset(phone for phone in PHONES if phone[0] in "AEIOU")

TARGET_ROWS: dict[str, int] = {phone: row for row, phone in enumerate(_TABLE)}
TARGETS: FloatArray = np.array([targets for targets, _ in _TABLE.values()], np.float32)
DOMINANCES: FloatArray = np.array([dominance for _, dominance in _TABLE.values()], np.float32)
COLUMN_ARTICULATORS: tuple[Articulator, ...] = tuple(articulator for articulator, _ in _COLUMNS)
COLUMN_CHANNELS: tuple[tuple[int, ...], ...] = tuple(
    tuple(BLENDSHAPE_INDEX[name] for name in names) for _, names in _COLUMNS
)
