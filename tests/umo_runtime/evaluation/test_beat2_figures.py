from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.umo_runtime.evaluation.bodies import restless
from umo_runtime.errors import CorpusError
from umo_runtime.evaluation.beat2_figures import beat2_figures, read_test_motion
from umo_runtime.evaluation.gesture_encoder import GestureEncoder
from umo_runtime.evaluation.performance import Performance
from umo_runtime.training.corpora.utterance import Utterance

FRAMES = 240
TEXTGRID = '"ooTextFile" "TextGrid" 0 8 <exists> 1 "IntervalTier" "words" 0 8 1 0 8 "hello"\n'
NAMES = ("2_scott_0_1_1", "2_scott_0_2_2", "2_scott_0_3_3")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for folder in ("smplxflame_30", "wave16k", "textgrid"):
        (tmp_path / folder).mkdir()
    for name in NAMES:
        poses = np.zeros((FRAMES, 55, 3))
        poses[:, 16:20] = 0.4 * np.sin(
            rng.uniform(2, 6, (4, 3)) * np.arange(FRAMES)[:, None, None] / 30
        )
        np.savez(
            tmp_path / "smplxflame_30" / f"{name}.npz",
            poses=poses.reshape(FRAMES, 165),
            trans=np.zeros((FRAMES, 3)),
            mocap_frame_rate=30,
        )
        bursts = np.repeat(rng.random(40), 3200) * rng.standard_normal(128_000) / 10
        soundfile.write(tmp_path / "wave16k" / f"{name}.wav", bursts, 16_000, "PCM_16")
        (tmp_path / "textgrid" / f"{name}.TextGrid").write_text(TEXTGRID)
    rows = ["id,type", *(f"{name},test" for name in NAMES[:2]), f"{NAMES[2]},train"]
    (tmp_path / "train_test_split.csv").write_text("\n".join(rows))
    return tmp_path


def test_only_test_recordings_are_read(corpus: Path) -> None:
    pairs = list(read_test_motion(corpus))
    assert [utterance.name for utterance, _ in pairs] == list(NAMES[:2])
    assert pairs[0][1].rotations.shape == (FRAMES, 55, 4)
    assert pairs[0][1].samples.shape == (128_000,)


def test_whoever_repeats_the_recordings_matches_them(corpus: Path, encoder: GestureEncoder) -> None:
    recorded = {utterance.name: real for utterance, real in read_test_motion(corpus)}
    figures = beat2_figures(corpus, lambda utterance: recorded[utterance.name], encoder)
    assert figures["made"].pop("fgd") == pytest.approx(0, abs=1e-4)
    for name, value in figures["real"].items():
        assert figures["made"][name] == value > 0, name


def test_another_motion_is_told_apart(corpus: Path, encoder: GestureEncoder) -> None:
    def perform(utterance: Utterance) -> Performance:
        made = restless(FRAMES, 5)
        return Performance(
            30.0, made.rotations, made.root_position, made.blendshapes, utterance.samples
        )

    figures = beat2_figures(corpus, perform, encoder)
    assert figures["made"]["fgd"] > 1e-3
    assert figures["made"]["l1_diversity_m"] != figures["real"]["l1_diversity_m"]


@pytest.mark.parametrize("table", [None, "name,split\na,test\n", "id,type\na,train\n"])
def test_a_missing_or_foreign_table_of_splits_is_refused(corpus: Path, table: str | None) -> None:
    path = corpus / "train_test_split.csv"
    path.unlink() if table is None else path.write_text(table)
    with pytest.raises(CorpusError, match="train_test_split"):
        list(read_test_motion(corpus))
