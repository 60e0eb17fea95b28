"""All takes as tensors on the training device, and random crops of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from umo_runtime.tokenizer.text import TextTokenizer, told_frame
from umo_runtime.training import stretches
from umo_runtime.training.take import Take
from umo_runtime.types import FRAME_RATE_HZ, FRAMES_PER_KEYFRAME, SAMPLE_RATE_HZ

_SAMPLES_PER_3_FRAMES = 3 * SAMPLE_RATE_HZ // FRAME_RATE_HZ
_GRID_FRAMES = 12  # a whole number of keyframes and of samples


@dataclass(frozen=True, slots=True)
class Crop:
    """A batch of stretches of L frames.

    Attributes:
        samples: [B, N] float32, from `framing.LEAD_SAMPLES` before the first frame on.
        mouth: [B, L, M].
        mouth_weight: [B, M].
        phones: [B, L] int64, -1 unknown.
        pose: [B, L, P].
        text: [B, L / 4, S] int64 text codes of each keyframe step.
        controls: [B, 3] what the take was told, as the predictor reads it.
        first_frame: [B] int64 index of the first frame in the dataset.
    """

    samples: Tensor
    mouth: Tensor
    mouth_weight: Tensor
    phones: Tensor
    pose: Tensor
    text: Tensor
    controls: Tensor
    first_frame: Tensor


class Dataset:
    """Takes laid end to end; every take starts on a keyframe and on a whole sample.

    Args:
        takes: at least one.
        text: vocabulary for the words.
        text_slots: codes a keyframe step can take.
        device: where the tensors live.
        held_out: takes to validate on, laid after the others and never trained on.
    """

    def __init__(
        self,
        takes: Sequence[Take],
        text: TextTokenizer,
        text_slots: int,
        device: str,
        held_out: Sequence[Take] = (),
    ) -> None:
        is_held_out = [False] * len(takes) + [True] * len(held_out)
        takes = [_whole(take) for take in (*takes, *held_out)]
        lengths = [len(take.pose) for take in takes]
        self.starts = torch.tensor(np.cumsum([0, *lengths[:-1]]), device=device)
        self.lengths = torch.tensor(lengths, device=device)
        self.is_held_out = torch.tensor(is_held_out, device=device)
        self.is_capture = torch.tensor([take.is_capture for take in takes], device=device)
        self.samples = _join([take.samples for take in takes], device)
        self.mouth = _join([take.mouth for take in takes], device)
        self.phones = _join([take.phones for take in takes], device)
        self.pose = _join([take.pose for take in takes], device)
        self.mouth_weight = torch.tensor(
            np.stack([take.mouth_weight for take in takes]), device=device
        )
        self.controls = torch.tensor(np.stack([take.controls for take in takes]), device=device)
        self.text = _join([_text_steps(take, text, text_slots) for take in takes], device)

    @property
    def num_frames(self) -> int:
        """Frames of all takes."""
        return len(self.pose)

    @property
    def num_training_frames(self) -> int:
        """Frames of the takes that are not held out, which come first."""
        return int(self.lengths[~self.is_held_out].sum())

    def crops(
        self,
        count: int,
        frames: int,
        generator: torch.Generator,
        capture_share: float = 0.0,
        held_out: bool = False,
    ) -> Crop:
        """Draw random crops that start on keyframes and on whole samples.

        Args:
            count: B.
            frames: L, a multiple of 4.
            generator: CPU generator, source of chance.
            capture_share: probability of a crop to come from a captured take, where there is one.
            held_out: draw from the takes that are held out, instead of the others.

        Raises:
            CorpusError: no such take is that long.
        """
        usable = self.is_held_out if held_out else ~self.is_held_out
        places = stretches.room(self.lengths.cpu(), frames, usable.cpu())
        weight = self._weight(places, capture_share)
        takes, offsets = stretches.draw(places, count, generator, weight)
        # On this grid a crop's windows are the ones the runtime cuts, to the sample.
        offsets = offsets // _GRID_FRAMES * _GRID_FRAMES
        takes, offsets = takes.to(self.starts.device), offsets.to(self.starts.device)
        at = self.starts[takes] + offsets
        frame = at[:, None] + torch.arange(frames, device=at.device)
        step = at[:, None] // FRAMES_PER_KEYFRAME + torch.arange(
            frames // FRAMES_PER_KEYFRAME, device=at.device
        )
        return Crop(
            self.sound(takes, offsets, frames),
            self.mouth[frame].float(),
            self.mouth_weight[takes],
            self.phones[frame].long(),
            self.pose[frame].float(),
            self.text[step],
            self.controls[takes],
            at,
        )

    def _weight(self, places: Tensor, capture_share: float) -> Tensor:
        """Probability of each take, [N]."""
        captured = places.float() * self.is_capture.cpu()
        others = places - captured
        if not (captured.any() and others.any()):
            return captured + others
        return (
            capture_share * captured / captured.sum() + (1 - capture_share) * others / others.sum()
        )

    def sound(self, takes: Tensor, offsets: Tensor, frames: int) -> Tensor:
        """Samples [B, N] of `frames` frames of each take from `offsets` on, 3 more on either side.

        As on a stream of its own, there is silence before a take and after it.
        """
        length = frames * SAMPLE_RATE_HZ // FRAME_RATE_HZ + 2 * _SAMPLES_PER_3_FRAMES
        inner = torch.arange(length, device=takes.device) - _SAMPLES_PER_3_FRAMES
        inner = inner + (offsets * SAMPLE_RATE_HZ // FRAME_RATE_HZ)[:, None]
        ends = self.lengths[takes, None] * SAMPLE_RATE_HZ // FRAME_RATE_HZ
        place = inner + (self.starts[takes] * SAMPLE_RATE_HZ // FRAME_RATE_HZ)[:, None]
        values = self.samples[place.clamp(0, len(self.samples) - 1)]
        return torch.where((inner >= 0) & (inner < ends), values.float() / 32768, 0.0)


def train_text(takes: Sequence[Take], num_codes: int) -> TextTokenizer:
    """Vocabulary of all words spoken in takes."""
    texts = (" ".join(word.label for word in take.words) for take in takes)
    return TextTokenizer.train(texts, num_codes)


def _whole(take: Take) -> Take:
    """Cut a take to whole keyframes and whole samples."""
    frames = len(take.pose) // _GRID_FRAMES * _GRID_FRAMES
    return replace(
        take,
        samples=take.samples[: frames * SAMPLE_RATE_HZ // FRAME_RATE_HZ],
        mouth=take.mouth[:frames],
        phones=take.phones[:frames],
        pose=take.pose[:frames],
    )


def _text_steps(take: Take, text: TextTokenizer, slots: int) -> np.ndarray:
    """Text codes of every keyframe step k: words that are told in frames 4k - 3 .. 4k."""
    steps = np.zeros((len(take.pose) // FRAMES_PER_KEYFRAME, slots), np.int64)
    used = np.zeros(len(steps), np.int64)
    for word in take.words:
        step = -(-told_frame(int(word.start_s * FRAME_RATE_HZ)) // FRAMES_PER_KEYFRAME)
        for code in text.encode(word.label):
            if step < len(steps) and used[step] < slots:
                steps[step, used[step]] = code
                used[step] += 1
    return steps


def _join(parts: Sequence[np.ndarray], device: str) -> Tensor:
    return torch.from_numpy(np.concatenate(parts)).to(device)
