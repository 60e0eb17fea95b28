"""The usual figures on BEAT2's test recordings, for those who have its files.

Beat consistency and L1 diversity are computed as published but on our skeleton; the gesture
distance is taken with our own encoder, which never saw BEAT2, because the published one needs the
SMPL-X body model and may not be shipped. So the rows compare with one another, not with published
tables: real motion is measured beside the subject for that reason.
"""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from umo_runtime.audio.framing import num_frames
from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.errors import CorpusError
from umo_runtime.evaluation.beats import beat_consistency, typical_speeds
from umo_runtime.evaluation.diversity import l1_diversity_m
from umo_runtime.evaluation.gesture_distance import gesture_distance
from umo_runtime.evaluation.gesture_encoder import GestureEncoder
from umo_runtime.evaluation.performance import Performance
from umo_runtime.training.corpora.beat2 import read_beat2
from umo_runtime.training.corpora.utterance import Utterance
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ, FloatArray

_SPLIT = "train_test_split.csv"


def beat2_figures(
    root: Path, perform: Callable[[Utterance], Performance], encoder: GestureEncoder
) -> dict[str, dict[str, float]]:
    """Figures of `made`, what `perform` does with the speech, and of `real`, the recordings.

    Args:
        root: BEAT2's folder of one language.
        perform: the subject, at 30 fps.
        encoder: of the gesture distance.

    Raises:
        CorpusError: files are missing or broken.
    """
    pairs = [(perform(utterance), real) for utterance, real in read_test_motion(root)]
    made, real = ([pair[side] for pair in pairs] for side in (0, 1))
    typical = typical_speeds(real)
    return {
        "made": {**gesture_distance(made, real, encoder), **_of_one_side(made, typical)},
        "real": {**_of_one_side(real, typical)},
    }


def read_test_motion(root: Path) -> Iterator[tuple[Utterance, Performance]]:
    """The test recordings by name: what is said, and the captured body with its speech."""
    names = _test_names(root / _SPLIT)
    for utterance, clip in read_beat2(root):
        if utterance.name not in names:
            continue
        frames = min(len(clip.rotations), num_frames(len(utterance.samples)))
        yield (
            utterance,
            Performance(
                float(FRAME_RATE_HZ),
                clip.rotations[:frames],
                clip.root_position[:frames],
                np.zeros((frames, NUM_BLENDSHAPES), np.float32),
                utterance.samples[: frames * SAMPLE_RATE_HZ // FRAME_RATE_HZ],
            ),
        )


def _test_names(path: Path) -> set[str]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            names = {row["id"] for row in csv.DictReader(file) if row["type"] == "test"}
    except (OSError, ValueError, KeyError) as error:
        raise CorpusError(
            f"{path} is not BEAT2's table of splits ({error!r}); expected columns id and type, "
            "download it again"
        ) from error
    if not names:
        raise CorpusError(f"{path} names no test recording; expected type test, download it again")
    return names


def _of_one_side(performances: list[Performance], typical: FloatArray) -> dict[str, float]:
    return {
        **beat_consistency(performances, typical),
        "l1_diversity_m": l1_diversity_m(performances),
    }
