import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.umo_runtime.training.test_dataset import build, random_take, seeded
from umo_runtime.audio.framing import SpeechFramer
from umo_runtime.training.framing import LEAD_SAMPLES, frame_windows
from umo_runtime.training.take import Take
from umo_runtime.types import FloatArray


def live_windows(samples: FloatArray) -> FloatArray:
    """Windows [F, 4, 400] as the runtime cuts them, the warm-up frame first."""
    framer = SpeechFramer()
    return np.concatenate((framer.push(samples).windows, framer.flush().windows))


def heard(take: Take) -> FloatArray:
    return (take.samples / 32768).astype(np.float32)


@given(frames=st.integers(1, 60), seed=st.integers(0, 2**31))
def test_speech_from_its_start_is_cut_as_it_is_live(frames: int, seed: int) -> None:
    samples = np.random.default_rng(seed).uniform(-1, 1, frames * 1600 // 3 + 1600)
    speech = samples.astype(np.float32)
    crop = torch.from_numpy(np.concatenate((np.zeros(LEAD_SAMPLES, np.float32), speech)))
    windows = frame_windows(crop[None], frames)[0].unflatten(0, (-1, 4))
    assert np.array_equal(windows.numpy(), live_windows(speech)[1 : frames + 1])


@given(
    lengths=st.lists(st.integers(24, 200), min_size=1, max_size=3),
    frames=st.integers(1, 12).map(lambda n: 4 * n),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=30)
def test_crops_hear_the_windows_that_the_runtime_hears(
    lengths: list[int], frames: int, seed: int
) -> None:
    takes = [random_take(number, length) for number, length in enumerate([*lengths, 120])]
    data = build(takes)
    crop = data.crops(8, frames, seeded(seed))
    windows = frame_windows(crop.samples, frames).unflatten(1, (-1, 4)).numpy()
    for row, first in enumerate(crop.first_frame):
        number = int(torch.searchsorted(data.starts, first, right=True)) - 1
        offset = int(first - data.starts[number]) + 1  # the warm-up comes first
        whole = heard(takes[number])[: int(data.lengths[number]) * 1600 // 3]
        expected = live_windows(whole)[offset : offset + frames]
        assert np.array_equal(windows[row], expected), f"frame {first}"


def test_a_whole_take_is_cut_as_it_is_live() -> None:
    takes = [random_take(0, 60), random_take(1, 96)]
    data = build(takes)
    for number, take in enumerate(takes):
        length = int(data.lengths[number])
        sound = data.sound(torch.tensor([number]), torch.tensor([0]), length)
        windows = frame_windows(sound, length)[0].unflatten(0, (-1, 4)).numpy()
        live = live_windows(heard(take)[: length * 1600 // 3])[1 : length + 1]
        assert np.array_equal(windows, live)  # to the end: no take hears the next


def test_windows_stay_exact_over_minutes() -> None:
    frames = 9000  # five minutes: past the precision of float32 thirds
    samples = torch.arange(frames * 1600 // 3 + 2 * LEAD_SAMPLES, dtype=torch.float32)
    last = frame_windows(samples[None], frames)[0, :, -1].long() - LEAD_SAMPLES
    mel = np.arange(frames * 4) + 4
    np.testing.assert_array_equal(last + 1, np.floor(mel * 400 / 3 + 0.5))
