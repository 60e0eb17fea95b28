"""Named sets of held-out speech, and who may be learnt from.

Nothing here opens a recording that is kept for blind evaluation.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

import numpy as np

from umo_runtime.errors import CorpusError
from umo_runtime.evaluation.lips_noise import with_babble, with_noise
from umo_runtime.training.corpora.archive import Archive
from umo_runtime.training.corpora.facegood import TEST_CLIP, read_capture, read_facegood
from umo_runtime.training.corpora.librispeech import (
    BLIND_SPEAKERS,
    TEST_SPEAKERS,
    read_librispeech,
)
from umo_runtime.training.corpora.recording import decode_recording
from umo_runtime.training.corpora.timed_transcript import read_alignments
from umo_runtime.training.corpora.utterance import FaceCapture, Utterance
from umo_runtime.types import FloatArray

Condition = Literal["clean", "babble", "noise"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)

_LIBRISPEECH = Path("speech", "librispeech-train-clean-5.tar")
_ALIGNMENT = Path("speech", "librispeech-align.jsonl.xz")
_FACEGOOD = Path("face", "facegood")
_TRAINING_PER_SPEAKER = 8  # enough for a linear baseline and for babble
_JAW_CHANNEL = "mouth_stretch_c"


@dataclass(frozen=True, slots=True)
class Case:
    """One recording of speech to perform.

    Attributes:
        utterance: what the subject hears, and the truth about it: phones if aligned.
        condition: what was done to the sound.
        capture: the face that was captured with it, if any.
        raw_jaw: the capture's own jaw channel before it was mapped to ARKit, [T] at 30 fps.
    """

    utterance: Utterance
    condition: Condition = "clean"
    capture: FaceCapture | None = None
    raw_jaw: FloatArray | None = None

    @property
    def name(self) -> str:
        """Unique in a split, and the name of its recording's file."""
        return self.utterance.name + ("" if self.condition == "clean" else f"+{self.condition}")


def librispeech_cases(data: Path, count: int | None = None) -> list[Case]:
    """Aligned utterances of the test speakers.

    Args:
        data: folder of the corpora.
        count: take this many, spread over the speakers; None takes all 82.
    """
    read = read_librispeech(corpus_path(data, _LIBRISPEECH), corpus_path(data, _ALIGNMENT), "test")
    by_speaker: defaultdict[str, list[Utterance]] = defaultdict(list)
    for utterance in read:
        if utterance.phones:
            by_speaker[utterance.speaker].append(utterance)
    chosen = _spread(list(by_speaker.values()), count)
    return [Case(utterance) for utterance in chosen]


def _spread(groups: Sequence[Sequence[Utterance]], count: int | None) -> list[Utterance]:
    """Take turns between groups until there are `count`; in each, evenly from first to last."""
    total = sum(len(group) for group in groups)
    share = min(1.0, (count or total) / total)
    thinned = []
    for group in groups:
        size = max(1, round(share * len(group) + 0.5))
        thinned.append([group[i] for i in np.linspace(0, len(group) - 1, size).astype(int)])
    turns = [utterance for turn in zip_longest(*thinned) for utterance in turn if utterance]
    unique = {utterance.name: utterance for utterance in turns}
    return sorted(list(unique.values())[:count], key=lambda utterance: utterance.name)


def heard_in(case: Case, condition: Condition, voices: Sequence[FloatArray]) -> Case:
    """The same case with babble or noise, always the same for the same utterance."""
    if condition == "clean":
        return case
    utterance = case.utterance
    rng = np.random.default_rng(list(f"{utterance.name} {condition}".encode()))
    samples = (
        with_babble(utterance.samples, voices, rng)
        if condition == "babble"
        else with_noise(utterance.samples, rng)
    )
    return replace(case, utterance=replace(utterance, samples=samples), condition=condition)


def training_utterances(data: Path) -> Iterator[Utterance]:
    """Some aligned utterances of every training speaker of LibriSpeech."""
    alignments = read_alignments(corpus_path(data, _ALIGNMENT))
    taken: defaultdict[str, int] = defaultdict(int)
    with Archive(corpus_path(data, _LIBRISPEECH)) as archive:
        for path in sorted(archive.names()):
            name = PurePosixPath(path).stem
            speaker = name.partition("-")[0]
            if name not in alignments or speaker in TEST_SPEAKERS | BLIND_SPEAKERS:
                continue
            if taken[speaker] < _TRAINING_PER_SPEAKER:
                taken[speaker] += 1
                samples = decode_recording(archive.read(path), path)
                yield Utterance(name, speaker, samples, "", *alignments[name])


def training_voices(data: Path) -> list[FloatArray]:
    """One utterance of every training speaker, for babble."""
    voices = {utterance.speaker: utterance.samples for utterance in training_utterances(data)}
    return list(voices.values())


def facegood_cases(data: Path) -> list[Case]:
    """The test clip with its capture."""
    folder = corpus_path(data, _FACEGOOD)
    capture = read_capture(folder, TEST_CLIP)
    with np.load(folder / f"{TEST_CLIP}.npz") as arrays:
        column = [str(name) for name in arrays["channels"]].index(_JAW_CHANNEL)
        raw_jaw = arrays["blendshapes"][:, column].astype(np.float32)
    utterance = Utterance(capture.name, "facegood", capture.samples)
    return [Case(utterance, capture=capture, raw_jaw=raw_jaw)]


def training_captures(data: Path) -> Iterator[FaceCapture]:
    """The captures that may be learnt from."""
    return read_facegood(corpus_path(data, _FACEGOOD), "train")


def corpus_path(data: Path, place: Path) -> Path:
    """Where a corpus lies in the folder of all corpora.

    Raises:
        CorpusError: it does not.
    """
    path = data / place
    if not path.exists():
        raise CorpusError(f"{path} is missing; give the folder that holds {place} with --data")
    return path
