"""Sentences for a synthetic voice to say, full of sounds that close the lips.

Read books hold few words that differ by their lips alone. Here pairs such as `pat` and `fat` stand
side by side, at the start, in the middle and at the end of a sentence.
"""

from collections.abc import Iterator

import numpy as np

# Words of a row differ in the one consonant that the lips make, or in whether they make any.
_CONTRASTS: tuple[tuple[str, ...], ...] = (
    ("pat", "bat", "mat", "fat", "vat", "cat"),
    ("pan", "ban", "man", "fan", "van", "can"),
    ("pine", "mine", "fine", "vine", "line"),
    ("pail", "bail", "mail", "fail", "veil", "tail"),
    ("peer", "beer", "mere", "fear", "veer", "near"),
    ("pole", "bowl", "mole", "foal", "goal"),
    ("pie", "buy", "my", "vie", "tie"),
    ("pest", "best", "vest", "rest"),
    ("path", "bath", "math", "wrath"),
    ("pace", "base", "mace", "face", "vase", "chase"),
    ("bet", "met", "vet", "wet", "yet"),
    ("cup", "cub", "come", "cuff", "cut"),
    ("rope", "robe", "roam", "rove", "road"),
    ("lip", "limb", "live", "lid"),
    ("cap", "cab", "calf", "cash"),
    ("leap", "leaf", "leave", "lean"),
    ("tripe", "tribe", "thrive", "trite"),
    ("simple", "symbol", "similar", "single"),
    ("supper", "summer", "suffer", "sunder"),
    ("ripping", "ribbing", "rimming", "riving", "ridding"),
    ("copper", "comer", "cover", "colour"),
    ("ample", "amble", "ankle"),
    ("open", "omen", "oven", "ocean"),
    ("apple", "abbey", "amity", "avid", "addle"),
)
_NAMES = ("Pam", "Bob", "Mum", "Fay", "Vivien", "Papa", "Barbara", "Miriam", "Phoebe", "Eve")
_FRAMES = (
    "Say {a}, not {b}.",
    "{name} meant {a}, {name2} heard {b}.",
    "Is it {a} or {b}? Maybe {c}.",
    "{a}, {b}, {c}; {c}, {b}, {a}.",
    "Probably {name} put the {a} above the {b}.",
    "My {a} became a {b}, but {name} prefers the {c}.",
    "Move from {a} to {b} and back from {b} to {a}.",
    "People believe {name} bought five {a}s and a {b}.",
    "Please, {name}, stop: the {a} must move before the {b}.",
    "Whenever {name} moves, I hope for {a} and fear {b}.",
)


def lip_sentences(rng: np.random.Generator) -> Iterator[str]:
    """Sentences without end."""
    while True:
        contrast = _CONTRASTS[rng.integers(len(_CONTRASTS))]
        a, b, c = rng.choice(contrast, 3, replace=False)
        name, name2 = rng.choice(_NAMES, 2, replace=False)
        frame = _FRAMES[rng.integers(len(_FRAMES))]
        sentence = frame.format(a=a, b=b, c=c, name=name, name2=name2)
        yield sentence[0].upper() + sentence[1:]
