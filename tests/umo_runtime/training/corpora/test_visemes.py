import numpy as np
import pytest

from umo_runtime.blendshapes import BLENDSHAPES, MOUTH_CHANNELS
from umo_runtime.tokenizer.phones import PHONES as HEARD_PHONES
from umo_runtime.training.corpora.visemes import (
    COLUMN_ARTICULATORS,
    COLUMN_CHANNELS,
    DOMINANCES,
    GLIDES,
    PHONES,
    TARGET_ROWS,
    TARGETS,
    VOWELS,
    Articulator,
)

ARPABET = [
    *("AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH"),
    *("IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH"),
    *("UH", "UW", "V", "W", "Y", "Z", "ZH"),
]


def _target(phone: str, channel: str) -> float:
    columns = [[BLENDSHAPES[index] for index in indices] for indices in COLUMN_CHANNELS]
    (column,) = (place for place, names in enumerate(columns) if channel in names)
    return float(TARGETS[TARGET_ROWS[phone], column])


def test_all_39_phones_and_silence_have_a_viseme() -> None:
    assert {*ARPABET, "SIL"} == PHONES
    assert {part for parts in GLIDES.values() for part in parts} <= TARGET_ROWS.keys()
    assert len(VOWELS) == 15


def test_table_is_well_formed() -> None:
    assert TARGETS.shape == (len(TARGET_ROWS), len(COLUMN_CHANNELS))
    assert DOMINANCES.shape == (len(TARGET_ROWS), len(Articulator))
    assert len(COLUMN_ARTICULATORS) == len(COLUMN_CHANNELS)
    assert ((TARGETS >= 0) & (TARGETS <= 0.7)).all()
    assert (DOMINANCES > 0).all()
    assert not TARGETS[TARGET_ROWS["SIL"]].any()


def test_columns_move_mouth_channels_once() -> None:
    channels = [channel for indices in COLUMN_CHANNELS for channel in indices]
    assert len(set(channels)) == len(channels)
    assert set(channels) <= set(MOUTH_CHANNELS)


@pytest.mark.parametrize("phone", ["UW", "OW", "W", "R", "SH"])
def test_rounded_phones_round(phone: str) -> None:
    assert _target(phone, "mouthFunnel") + _target(phone, "mouthPucker") > 0.5
    assert _target(phone, "mouthStretchLeft") == 0


def test_open_vowels_open_more_than_close_ones() -> None:
    jaws = [_target(phone, "jawOpen") for phone in ("AA", "AE", "EH", "IH", "IY", "UW", "S", "M")]
    assert np.all(np.diff(jaws) < 0)


def test_every_phone_that_is_heard_has_a_viseme() -> None:
    assert set(HEARD_PHONES) == set(PHONES)
