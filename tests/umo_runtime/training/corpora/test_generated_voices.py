import ctypes.util
import shutil

import numpy as np
import pytest

from umo_runtime.training.corpora.generated_voices import VOICES, generate

pytestmark = pytest.mark.skipif(
    shutil.which("flite") is None or ctypes.util.find_library("espeak-ng") is None,
    reason="flite or eSpeak NG is not installed",
)


def test_every_voice_has_its_turn_and_its_own_name() -> None:
    spoken = list(generate(["Bob met Pam."] * len(VOICES), np.random.default_rng(0)))
    assert len({utterance.speaker for utterance in spoken}) == len(VOICES) >= 12
    assert len({utterance.name for utterance in spoken}) == len(VOICES)
    for utterance in spoken:
        lips = [phone.label for phone in utterance.phones if phone.label in "PBM"]
        assert lips == list("BBMPM")


def test_chance_is_the_generators() -> None:
    once, again, other = (
        len(next(generate(["Hello"], np.random.default_rng(seed), ("gmw/en",))).samples)
        for seed in (1, 1, 2)
    )
    # eSpeak keeps a little state of its own: one sentence differs by a few samples.
    assert abs(once - again) < 50 < abs(once - other)
