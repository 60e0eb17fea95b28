"""The making of takes: corpora are read, takes are told how to be, teachers perform them."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np
from rich.progress import track

from umo_runtime.controls import NEUTRAL, NEUTRAL_CALMNESS, Controls, State
from umo_runtime.training.config import CorporaConfig
from umo_runtime.training.corpora.choreographer import Choreographer
from umo_runtime.training.corpora.facegood import read_facegood
from umo_runtime.training.corpora.labelled_speech import read_labelled_speech
from umo_runtime.training.corpora.librispeech import read_librispeech
from umo_runtime.training.corpora.ljspeech import read_ljspeech
from umo_runtime.training.corpora.smartbody import is_test_clip, read_smartbody
from umo_runtime.training.corpora.utterance import FaceCapture, MotionClip, Utterance
from umo_runtime.training.speed_perturbation import SPEEDS, perturb
from umo_runtime.training.take import (
    Take,
    join_utterances,
    perform,
    perform_capture,
    wait_in_silence,
)

# What takes are told: share of them, state, how often calmness is exactly natural. Most characters
# are told nothing, so more than half of the takes must show exactly that; a quarter covers the
# range of calmness; listening and waiting are simpler and need less. Waiting needs no speech.
_SHARES: tuple[tuple[float, State, float], ...] = (
    (0.55, "speaking", 1.0),
    (0.25, "speaking", 0.0),
    (0.12, "listening", 0.5),
    (0.08, "idle", 0.5),
)
_OWN_SPEED_SHARE = 0.5


class _Job(NamedTuple):
    """One take to be made."""

    source: Utterance | FaceCapture
    controls: Controls
    seed: int


def load_takes(config: CorporaConfig, seed: int) -> list[Take]:
    """Read the corpora and let the teachers perform all takes, on all cores."""
    clips = [clip for clip in read_smartbody(config.smartbody) if not is_test_clip(clip.name)]
    chance = np.random.default_rng(seed)
    aligned = (utterance for utterance in _read_speech(config) if utterance.phones)
    sources: list[Utterance | FaceCapture] = [*join_utterances(aligned, chance)]
    sources += read_facegood(config.facegood)
    # A seed of its own for each: one for all would let every speaker blink in step.
    jobs = [
        _Job(source, _direct(source, chance), seed + number)
        for number, source in enumerate(sources * config.performances)
    ]
    if config.max_takes:
        jobs = jobs[:: max(1, len(jobs) // config.max_takes)][: config.max_takes]
    return list(_perform_all(jobs, clips, config.workers or os.cpu_count() or 1))


def _read_speech(config: CorporaConfig) -> Iterator[Utterance]:
    yield from read_librispeech(config.librispeech, (config.alignment, *config.more_alignments))
    if config.ljspeech and config.ljspeech_alignment:
        yield from read_ljspeech(config.ljspeech, config.ljspeech_alignment)
    for folder in config.voices:
        yield from read_labelled_speech(folder)


def _direct(source: Utterance | FaceCapture, chance: np.random.Generator) -> Controls:
    """What a take is told. Captured faces speak as they did."""
    if isinstance(source, FaceCapture):
        return NEUTRAL
    _, state, natural = _SHARES[chance.choice(len(_SHARES), p=[share for share, _, _ in _SHARES])]
    is_natural = chance.random() < natural
    return Controls(NEUTRAL_CALMNESS if is_natural else chance.uniform(), state=state)


def _perform_all(jobs: Sequence[_Job], clips: list[MotionClip], workers: int) -> Iterator[Take]:
    context = get_context("spawn")  # fork would copy a CUDA context
    with ProcessPoolExecutor(workers, context, _set_choreographer, (clips,)) as pool:
        yield from track(
            pool.map(_perform_one, jobs, chunksize=1), "performing takes", total=len(jobs)
        )


_choreographer: Choreographer | None = None  # one per worker process; clips are too big to resend


def _set_choreographer(clips: list[MotionClip]) -> None:
    global _choreographer
    _choreographer = Choreographer(clips)


def _perform_one(job: _Job) -> Take:
    assert _choreographer is not None
    chance = np.random.default_rng(job.seed)
    if isinstance(job.source, FaceCapture):
        return perform_capture(job.source, _choreographer, chance)
    if job.controls.state == "idle":
        source = wait_in_silence(job.source, chance)
    else:
        source = _at_some_speed(job.source, chance)
    return perform(source, _choreographer, chance, job.controls)


def _at_some_speed(utterance: Utterance, chance: np.random.Generator) -> Utterance:
    """Half of the time another voice; still the same speech and speaker, to be held out as one."""
    if chance.random() < _OWN_SPEED_SHARE:
        return utterance
    played = perturb(utterance, chance.uniform(*SPEEDS))
    return replace(played, name=utterance.name, speaker=utterance.speaker)
