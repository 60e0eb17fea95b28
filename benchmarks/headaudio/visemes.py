"""HeadAudio's Oculus visemes as ARKit blendshapes.

HeadAudio names the phones that each of its visemes stands for (appendix A of its README). A viseme
at full strength here takes the mean of the shapes that our own face teacher holds for those phones,
so both are judged on the same face. Lips meet over whatever the jaw still does in proportion to
"PP", as the teacher lets them for P, B and M.
"""

import numpy as np

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPES, NUM_BLENDSHAPES
from umo_runtime.training.corpora.visemes import COLUMN_CHANNELS, TARGET_ROWS, TARGETS
from umo_runtime.types import FloatArray

# In the order of HeadAudio's numbering: viseme, its greatest strength there, ARPAbet phones.
VISEMES: tuple[tuple[str, float, tuple[str, ...]], ...] = (
    ("aa", 0.65, ("AA", "AE")),
    ("E", 0.65, ("EH", "AH", "ER")),
    ("I", 0.65, ("IY", "IH")),
    ("O", 0.65, ("AO", "OW")),
    ("U", 0.65, ("UW", "UH")),
    ("PP", 0.75, ("P", "B", "M")),
    ("SS", 0.65, ("S", "Z", "SH", "ZH", "HH")),
    ("TH", 0.65, ("TH", "DH")),
    ("DD", 0.65, ("T", "D")),
    ("FF", 0.75, ("F", "V")),
    ("kk", 0.65, ("K", "G")),
    ("nn", 0.65, ("N", "NG")),
    ("RR", 0.65, ("R", "L", "Y", "W")),
    ("CH", 0.65, ("CH", "JH")),
    ("sil", 0.65, ("SIL",)),
)
_PP = next(index for index, (name, _, _) in enumerate(VISEMES) if name == "PP")
_WORTH_READING = 0.005
_STRONGEST = np.array([strongest for _, strongest, _ in VISEMES], np.float32)


def shapes() -> FloatArray:
    """ARKit values of each viseme at full strength, [15, 52]."""
    table = np.zeros((len(VISEMES), NUM_BLENDSHAPES), np.float32)
    for row, (_, _, phones) in enumerate(VISEMES):
        target = TARGETS[[TARGET_ROWS[phone] for phone in phones]].mean(axis=0)
        for column, channels in enumerate(COLUMN_CHANNELS):
            table[row, list(channels)] = target[column]
    return table


def as_markdown() -> str:
    """The table of the README."""
    lines = ["| viseme | phones | ARKit at full strength |", "|---|---|---|"]
    for (name, _, phones), values in zip(VISEMES, shapes(), strict=True):
        shown = ", ".join(
            f"{BLENDSHAPES[channel].removesuffix('Left')} {values[channel]:.2f}"
            for channel in np.flatnonzero(values >= _WORTH_READING)
            if not BLENDSHAPES[channel].endswith("Right")
        )
        lines.append(f"| {name} | {' '.join(phones)} | {shown or 'lips together'} |")
    return "\n".join(lines)


def to_arkit(values: FloatArray) -> FloatArray:
    """Blendshapes [T, 52] of viseme values [T, 15] as HeadAudio hands them out."""
    strength = values / _STRONGEST
    blendshapes = np.clip(strength @ shapes(), 0.0, 1.0)
    jaw = blendshapes[:, BLENDSHAPE_INDEX["jawOpen"]]
    blendshapes[:, BLENDSHAPE_INDEX["mouthClose"]] = jaw * np.clip(strength[:, _PP], 0.0, 1.0)
    return np.asarray(blendshapes, np.float32)
