from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.umo_runtime.training.test_dataset import random_take
from umo_runtime.training.held_out import hold_out
from umo_runtime.training.take import Take

SPOKEN, FILMED = random_take(0, 12), random_take(0, 12, captured=True)


def cast(counts: list[int], captures: int = 0) -> list[Take]:
    """So many takes of each speaker, two performances of each recording."""
    takes = [
        replace(SPOKEN, name=f"{speaker}-{take // 2}", speaker=str(speaker))
        for speaker, count in enumerate(counts)
        for take in range(count)
    ]
    return takes + [replace(FILMED, name="film", speaker="film")] * captures


@given(counts=st.lists(st.integers(1, 40), min_size=2, max_size=20), captures=st.integers(0, 3))
def test_whole_speakers_are_held_out_and_no_more_than_needed(
    counts: list[int], captures: int
) -> None:
    takes = cast(counts, captures)
    training, held_out = hold_out(takes)
    assert len(training) + len(held_out) == len(takes)
    speakers = {take.speaker for take in held_out}
    assert not speakers & {take.speaker for take in training}
    needed = 0.03 * sum(counts)
    assert len(held_out) >= min(needed, sum(counts) - max(counts))
    largest = max(counts[int(speaker)] for speaker in speakers)
    assert len(held_out) - largest < needed  # one speaker less would have been too few
    assert not any(take.is_capture for take in held_out)


def test_of_one_speaker_some_recordings_are_held_out_in_all_their_performances() -> None:
    training, held_out = hold_out(cast([60]))
    assert len(held_out) == 2
    assert len({take.name for take in held_out}) == 1
    assert not {take.name for take in held_out} & {take.name for take in training}


def test_there_must_be_something_left_to_train_on() -> None:
    assert hold_out(cast([2])) == (cast([2]), [])
    assert hold_out([]) == ([], [])
