from pathlib import Path

import numpy as np
import pytest

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.labelled_speech import (
    TIMES_FILE,
    read_labelled_speech,
    write_labelled_speech,
)
from umo_runtime.training.corpora.utterance import FloatArray, Span, Utterance


def tone() -> FloatArray:
    """Half a second of silence, half a second of sound."""
    time_s = np.arange(16_000) / 16_000
    return (0.3 * np.sin(2 * np.pi * 300 * time_s) * (time_s > 0.5)).astype(np.float32)


def spoken(speaker: str) -> Utterance:
    phones = (Span("SIL", 0.0, 0.5), Span("UW", 0.5, 1.0))
    return Utterance("x", speaker, tone(), "ooh", (Span("ooh", 0.5, 1.0),), phones)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = [spoken("en-US+f2"), spoken("slt")]
    write_labelled_speech(tmp_path / "voices", written)
    read = list(read_labelled_speech(tmp_path / "voices"))
    assert [utterance.name for utterance in read] == ["en-US+f2-0000", "slt-0001"]
    for before, after in zip(written, read, strict=True):
        assert (after.speaker, after.text) == (before.speaker, before.text)
        assert (after.words, after.phones) == (before.words, before.phones)
        assert len(after.samples) == len(before.samples)
        assert np.corrcoef(before.samples, after.samples)[0, 1] > 0.99  # Opus delays nothing


def test_lines_without_a_recording_are_refused(tmp_path: Path) -> None:
    write_labelled_speech(tmp_path, [spoken("slt")])
    (tmp_path / "slt-0000.opus").unlink()
    with pytest.raises(CorpusError, match="no recording of slt-0000"):
        list(read_labelled_speech(tmp_path))


def test_folder_without_times_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=TIMES_FILE):
        list(read_labelled_speech(tmp_path))
