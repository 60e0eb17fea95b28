"""The phones that audio tokens are trained to tell apart: ARPAbet without stress, silence first."""

PHONES: tuple[str, ...] = (
    "SIL", "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G",
    "HH", "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH",
    "UH", "UW", "V", "W", "Y", "Z", "ZH",
)  # fmt: skip
SILENCE = PHONES.index("SIL")
BILABIALS, LABIODENTALS = frozenset("PBM"), frozenset("FV")  # lips touch; lip touches teeth
