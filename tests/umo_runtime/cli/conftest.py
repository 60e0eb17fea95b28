import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.actors.fake_networks import FakeNetworks


class FakeText:
    def encode(self, word: str) -> tuple[int, ...]:
        return (1 + hashlib.sha256(word.encode()).digest()[0],)


@dataclass
class FakeEngine(FakeNetworks):
    text: FakeText = field(default_factory=FakeText)


@pytest.fixture
def fake_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run on tiny networks instead of the shipped weights."""
    for opens in ("speech_job", "folder_job"):
        name = f"umo_runtime.cli.{opens}.open_engine"
        monkeypatch.setattr(name, lambda weights: FakeEngine())


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """1.2 s of noise, stereo, 44.1 kHz."""
    path = tmp_path / "speech.wav"
    samples = np.random.default_rng(0).uniform(-0.3, 0.3, (52_920, 2))
    soundfile.write(path, samples, 44_100)
    return path
