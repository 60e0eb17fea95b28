"""Bodies that the model's is measured beside."""

from collections.abc import Sequence
from functools import partial
from itertools import count

import numpy as np

from umo_runtime.audio.framing import num_frames
from umo_runtime.evaluation.body_baselines import choreographed, retrieved, still
from umo_runtime.evaluation.performance import Performance
from umo_runtime.evaluation.splits import Case
from umo_runtime.evaluation.subjects import Subject
from umo_runtime.training.corpora.utterance import MotionClip


def body_baseline(name: str, clips: Sequence[MotionClip], seed: int, num_seeds: int = 1) -> Subject:
    """A baseline of the body: choreographer, retrieval, gestures or still.

    Args:
        name: which.
        clips: motion to build it from; held-out clips are left aside.
        seed: of its chance; every utterance has its own, whatever is measured with it.
        num_seeds: performs with this many, from `seed` on; nothing is drawn for `still`.
    """
    perform_with = {
        "choreographer": lambda: choreographed(clips),
        "retrieval": lambda: retrieved(clips),
        "gestures": lambda: retrieved(clips, gestures_only=True),
        "still": lambda: still(clips),
    }[name]()

    def perform(own_seed: int, case: Case) -> Performance:
        chance = np.random.default_rng([own_seed, *case.utterance.name.encode()])
        return perform_with(case.utterance, chance)

    seeds = range(seed, seed + (1 if name == "still" else num_seeds))
    first, *again = (partial(perform, own_seed) for own_seed in seeds)
    return Subject(name, first, has_mouth=False, has_body=True, again=tuple(again))


def shuffled(motions: Sequence[Performance]) -> Subject:
    """Real motion that belongs to other speech: each utterance takes the next one's."""
    turn = count(1)

    def perform(case: Case) -> Performance:
        other = motions[next(turn) % len(motions)]
        samples = case.utterance.samples
        at = np.arange(num_frames(len(samples))) % len(other.rotations)
        return Performance(
            other.fps,
            other.rotations[at],
            other.root_position[at],
            other.blendshapes[at],
            samples,
        )

    return Subject("shuffled", perform, has_mouth=False, has_body=True)
