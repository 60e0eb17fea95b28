from pathlib import Path

import numpy as np
import pytest
import soundfile

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.ljspeech import read_ljspeech


def test_clips_get_the_spelled_out_text(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "LJ001-0002.wav", np.zeros(2205), 22_050, "PCM_16")
    (tmp_path / "metadata.csv").write_text("LJ001-0001|gone|gone\nLJ001-0002|No 2.|Number two.\n")
    (clip,) = read_ljspeech(tmp_path)
    assert (clip.name, clip.text, clip.phones) == ("LJ001-0002", "Number two.", ())
    assert clip.samples.shape == (1600,)


def test_folder_without_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"holds no metadata\.csv"):
        list(read_ljspeech(tmp_path))


@pytest.mark.data
def test_real_corpus(data_root: Path) -> None:
    clip = next(read_ljspeech(data_root / "speech" / "ljspeech-part.tar"))
    assert clip.text
    assert len(clip.samples) > 16_000
