"""Speech played faster or slower, its pitch and formants with it: one speaker becomes several.

Source: T. Ko et al., "Audio augmentation for speech recognition", Interspeech 2015.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import soxr

from umo_runtime.training.corpora.utterance import Span, Utterance
from umo_runtime.types import SAMPLE_RATE_HZ

SPEEDS = (0.88, 1.14)  # beyond these a voice is no longer a person's


def perturb(utterance: Utterance, speed: float) -> Utterance:
    """Play an utterance at another speed and move its words and phones accordingly.

    Args:
        utterance: what is said.
        speed: 1.1 is a tenth faster and as much higher; within SPEEDS it sounds natural. The
            speaker becomes another one.
    """
    if speed == 1.0:
        return utterance
    samples = soxr.resample(utterance.samples, SAMPLE_RATE_HZ * speed, SAMPLE_RATE_HZ)
    return replace(
        utterance,
        name=f"{utterance.name}@{speed:.3f}",
        speaker=f"{utterance.speaker}@{speed:.3f}",
        samples=np.asarray(samples, np.float32),
        words=_played(utterance.words, speed),
        phones=_played(utterance.phones, speed),
    )


def _played(spans: Sequence[Span], speed: float) -> tuple[Span, ...]:
    return tuple(Span(span.label, span.start_s / speed, span.end_s / speed) for span in spans)
