from pathlib import Path

import numpy as np
import pytest
import soundfile

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.transcribed_speech import read_transcribed


def record(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(1600), 16_000)


def test_recordings_lie_beside_their_texts(tmp_path: Path) -> None:
    record(tmp_path / "ann" / "one.wav")
    record(tmp_path / "ann" / "untold.wav")
    (tmp_path / "ann" / "one.txt").write_text("Number one.\n")
    (utterance,) = read_transcribed(tmp_path)
    assert (utterance.name, utterance.speaker, utterance.text) == ("one", "ann", "Number one.")


def test_librispeech_is_known_by_its_transcripts(tmp_path: Path) -> None:
    for name in ("84-1-0000", "19-1-0000", "1737-1-0000"):
        record(tmp_path / f"{name}.flac")
        (tmp_path / f"{name[:-5]}.trans.txt").write_text(f"{name} YES\n")
    assert [u.name for u in read_transcribed(tmp_path)] == ["84-1-0000"]
    assert [u.name for u in read_transcribed(tmp_path, "test")] == ["19-1-0000"]


def test_ljspeech_is_known_by_its_table(tmp_path: Path) -> None:
    record(tmp_path / "wavs" / "LJ001-0001.wav")
    (tmp_path / "metadata.csv").write_text("LJ001-0001|2|two\n")
    assert [u.text for u in read_transcribed(tmp_path)] == ["two"]


def test_sound_without_text_is_refused(tmp_path: Path) -> None:
    record(tmp_path / "one.wav")
    with pytest.raises(CorpusError, match=r"NAME\.wav beside NAME\.txt"):
        list(read_transcribed(tmp_path))
