"""The work of `umo align`: from transcribed speech to a file of times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from umo_runtime.training.corpora.forced_alignment import ForcedAligner
from umo_runtime.training.corpora.timed_transcript import alignment_line, read_alignments
from umo_runtime.training.corpora.transcribed_speech import read_transcribed
from umo_runtime.types import SAMPLE_RATE_HZ


@dataclass(slots=True)
class Counts:
    """What became of the utterances: how many, and seconds of those that are aligned."""

    aligned: int = 0
    aligned_s: float = 0.0
    rejected: int = 0
    known: int = 0


def align_speech(
    sources: Sequence[Path],
    out: Path,
    known: Sequence[Path] = (),
    split: Literal["train", "test"] = "train",
    report: Callable[[str], None] = lambda name: None,
) -> Counts:
    """Align what has no times yet and append it to a file, line by line.

    Args:
        sources: see `read_transcribed`.
        out: JSON lines; made if it is not there.
        known: files with the times of utterances to leave out.
        split: of LibriSpeech.
        report: told the name of each utterance before it is aligned.
    """
    done = set(read_alignments([*known, *([out] if out.exists() else [])]))
    aligner, counts = ForcedAligner(), Counts()
    with out.open("a", encoding="utf-8", buffering=1) as lines:
        for utterance in (u for source in sources for u in read_transcribed(source, split)):
            if utterance.name in done:
                counts.known += 1
                continue
            report(utterance.name)
            if alignment := aligner.align(utterance.samples, utterance.text):
                lines.write(alignment_line(utterance.name, alignment))
                counts.aligned += 1
                counts.aligned_s += len(utterance.samples) / SAMPLE_RATE_HZ
            else:
                counts.rejected += 1
    return counts
