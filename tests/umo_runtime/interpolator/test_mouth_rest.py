import torch

from umo_runtime.interpolator.mouth_rest import rest
from umo_runtime.tokenizer.phones import PHONES, SILENCE

OPEN = torch.full((1, 5), 0.4)


def heard(silence: float) -> torch.Tensor:
    said = torch.zeros(1, len(PHONES))
    said[0, SILENCE], said[0, PHONES.index("AA")] = silence, 1 - silence
    return said


def listen(silences: list[float]) -> list[float]:
    resting, out = torch.zeros(1, 1), []
    for silence in silences:
        mouth, resting = rest(OPEN, heard(silence), resting)
        out.append(float(mouth[0, 0]))
    return out


def test_speech_and_doubt_leave_the_mouth_alone() -> None:
    assert all(abs(value - 0.4) < 1e-6 for value in listen([0.0, 0.2, 0.5, 0.1] * 5))


def test_a_mouth_rests_after_a_tenth_of_a_second_or_so_and_not_at_once() -> None:
    path = listen([1.0] * 20)
    assert path[0] > 0.25
    assert path[5] < 0.1
    assert path[-1] < 0.01
    assert path == sorted(path, reverse=True)


def test_it_wakes_within_two_frames_of_a_sound() -> None:
    path = listen([1.0] * 20 + [0.0] * 2)
    assert path[-1] > 0.37


def test_a_stream_begins_at_rest_and_a_mouth_that_speaks_at_once_opens_at_once() -> None:
    quiet, _ = rest(OPEN, heard(0.99), torch.ones(1, 1))
    loud, _ = rest(OPEN, heard(0.0), torch.ones(1, 1))
    assert float(quiet[0, 0]) < 0.02
    assert float(loud[0, 0]) > 0.3


def test_rows_do_not_touch() -> None:
    both, _ = rest(
        OPEN.expand(2, -1), torch.cat((heard(1.0), heard(0.0))), torch.tensor([[0.9], [0.0]])
    )
    alone, _ = rest(OPEN, heard(0.0), torch.zeros(1, 1))
    assert torch.equal(both[1:], alone)
