"""All takes as tensors on the training device, and random crops of them."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from umo_runtime.errors import CorpusError
from umo_runtime.tokenizer.text import TextTokenizer
from umo_runtime.training.config import CorporaConfig
from umo_runtime.training.corpora.choreographer import Choreographer
from umo_runtime.training.corpora.facegood import read_facegood
from umo_runtime.training.corpora.librispeech import read_librispeech
from umo_runtime.training.corpora.smartbody import is_test_clip, read_smartbody
from umo_runtime.training.corpora.utterance import FaceCapture, MotionClip, Span, Utterance
from umo_runtime.training.take import Take, join_utterances, perform, perform_capture
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
        first_frame: [B] int64 index of the first frame in the dataset.
    """

    samples: Tensor
    mouth: Tensor
    mouth_weight: Tensor
    phones: Tensor
    pose: Tensor
    text: Tensor
    first_frame: Tensor


class Dataset:
    """Takes laid end to end; every take starts on a keyframe and on a whole sample.

    Args:
        takes: at least one.
        text: vocabulary for the words.
        text_slots: codes a keyframe step can take.
        device: where the tensors live.
    """

    def __init__(
        self, takes: Sequence[Take], text: TextTokenizer, text_slots: int, device: str
    ) -> None:
        takes = [_whole(take) for take in takes]
        lengths = [len(take.pose) for take in takes]
        self.starts = torch.tensor(np.cumsum([0, *lengths[:-1]]), device=device)
        self.lengths = torch.tensor(lengths, device=device)
        self.is_capture = torch.tensor(
            [bool(take.mouth_weight.any() and not take.mouth_weight.all()) for take in takes],
            device=device,
        )
        self.samples = _join([take.samples for take in takes], device)
        self.mouth = _join([take.mouth for take in takes], device)
        self.phones = _join([take.phones for take in takes], device)
        self.pose = _join([take.pose for take in takes], device)
        self.mouth_weight = torch.tensor(
            np.stack([take.mouth_weight for take in takes]), device=device
        )
        self.text = _join([_text_steps(take, text, text_slots) for take in takes], device)

    @property
    def num_frames(self) -> int:
        """Frames of all takes."""
        return len(self.pose)

    def crops(
        self, count: int, frames: int, generator: torch.Generator, capture_share: float = 0.0
    ) -> Crop:
        """Draw random crops that start on keyframes and on whole samples.

        Args:
            count: B.
            frames: L, a multiple of 4.
            generator: CPU generator, source of chance.
            capture_share: probability of a crop to come from a captured take, where there is one.
        """
        takes, offsets = self._draw(count, frames, generator, capture_share)
        at = self.starts[takes] + offsets
        frame = at[:, None] + torch.arange(frames, device=at.device)
        step = at[:, None] // FRAMES_PER_KEYFRAME + torch.arange(
            frames // FRAMES_PER_KEYFRAME, device=at.device
        )
        return Crop(
            self.sound(at, frames),
            self.mouth[frame].float(),
            self.mouth_weight[takes],
            self.phones[frame].long(),
            self.pose[frame].float(),
            self.text[step],
            at,
        )

    def _draw(
        self, count: int, frames: int, generator: torch.Generator, capture_share: float
    ) -> tuple[Tensor, Tensor]:
        room = (self.lengths - frames).clamp(min=0).cpu()
        if not room.any():
            raise CorpusError(
                f"no take is longer than {frames} frames; give more speech or shorter crops"
            )
        captured = room.float() * self.is_capture.cpu()
        weight = room - captured
        if captured.any() and weight.any():
            weight = (1 - capture_share) * weight / weight.sum()
            weight += capture_share * captured / captured.sum()
        elif captured.any():
            weight = captured
        takes = torch.multinomial(weight, count, replacement=True, generator=generator)
        offsets = (torch.rand(count, generator=generator) * room[takes]).long()
        # On this grid a crop's windows are the ones the runtime cuts, to the sample.
        offsets = offsets // _GRID_FRAMES * _GRID_FRAMES
        return takes.to(self.starts.device), offsets.to(self.starts.device)

    def sound(self, at: Tensor, frames: int) -> Tensor:
        """Samples [B, N] of `frames` frames from frames `at` [B] on, 3 more on either side."""
        first = at * SAMPLE_RATE_HZ // FRAME_RATE_HZ - _SAMPLES_PER_3_FRAMES
        length = frames * SAMPLE_RATE_HZ // FRAME_RATE_HZ + 2 * _SAMPLES_PER_3_FRAMES
        place = first[:, None] + torch.arange(length, device=at.device)
        inside = (place >= 0) & (place < len(self.samples))
        values = self.samples[place.clamp(0, len(self.samples) - 1)]
        return torch.where(inside, values.float() / 32768, 0.0)


def load_takes(config: CorporaConfig, seed: int) -> list[Take]:
    """Read the corpora and let the teachers perform all takes, on all cores."""
    clips = [clip for clip in read_smartbody(config.smartbody) if not is_test_clip(clip.name)]
    chance = np.random.default_rng(seed)
    aligned = (u for u in read_librispeech(config.librispeech, config.alignment) if u.phones)
    joined: list[Utterance | FaceCapture] = [*join_utterances(aligned, chance)]
    joined += read_facegood(config.facegood)
    # A seed of its own for each: one for all would let every speaker blink in step.
    jobs = [(source, seed + n) for n, source in enumerate(joined * config.performances)]
    if config.max_takes:
        jobs = jobs[:: max(1, len(jobs) // config.max_takes)][: config.max_takes]
    return list(_perform_all(jobs, clips, config.workers or os.cpu_count() or 1))


def _perform_all(
    jobs: Sequence[tuple[Utterance | FaceCapture, int]], clips: list[MotionClip], workers: int
) -> Iterator[Take]:
    context = get_context("spawn")  # fork would copy a CUDA context
    with ProcessPoolExecutor(workers, context, _set_choreographer, (clips,)) as pool:
        yield from track(
            pool.map(_perform_one, jobs, chunksize=1), "performing takes", total=len(jobs)
        )


_choreographer: Choreographer | None = None  # one per worker process; clips are too big to resend


def _set_choreographer(clips: list[MotionClip]) -> None:
    global _choreographer
    _choreographer = Choreographer(clips)


def _perform_one(job: tuple[Utterance | FaceCapture, int]) -> Take:
    source, seed = job
    assert _choreographer is not None
    chance = np.random.default_rng(seed)
    if isinstance(source, FaceCapture):
        return perform_capture(source, _choreographer, chance)
    return perform(source, _choreographer, chance)


def save_takes(takes: Sequence[Take], path: Path) -> None:
    """Keep takes for the next stage, uncompressed for speed."""
    arrays: dict[str, np.ndarray] = {}
    for number, take in enumerate(takes):
        for item in fields(Take):
            value = getattr(take, item.name)
            if item.name == "words":
                value = np.array([(w.label, str(w.start_s), str(w.end_s)) for w in value], np.str_)
            arrays[f"{number}.{item.name}"] = np.asarray(value)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    partial.replace(path)


def read_takes(path: Path) -> list[Take]:
    """Read what `save_takes` wrote."""
    takes = []
    with np.load(path) as arrays:
        count = 1 + max(int(name.partition(".")[0]) for name in arrays.files)
        for number in range(count):
            values = {item.name: arrays[f"{number}.{item.name}"] for item in fields(Take)}
            words = tuple(
                Span(str(label), float(start), float(end)) for label, start, end in values["words"]
            )
            takes.append(Take(**{**values, "name": str(values["name"]), "words": words}))
    return takes


def train_text(takes: Sequence[Take], num_codes: int) -> TextTokenizer:
    """Vocabulary of all words spoken in takes."""
    texts = (" ".join(word.label for word in take.words) for take in takes)
    return TextTokenizer.train(texts, num_codes)


def _whole(take: Take) -> Take:
    """Cut a take to whole keyframes and whole samples."""
    frames = len(take.pose) // _GRID_FRAMES * _GRID_FRAMES
    return Take(
        take.name,
        take.samples[: frames * SAMPLE_RATE_HZ // FRAME_RATE_HZ],
        take.mouth[:frames],
        take.mouth_weight,
        take.phones[:frames],
        take.pose[:frames],
        take.words,
    )


def _text_steps(take: Take, text: TextTokenizer, slots: int) -> np.ndarray:
    """Text codes of every keyframe step k: words that start in frames 4k - 3 .. 4k."""
    steps = np.zeros((len(take.pose) // FRAMES_PER_KEYFRAME, slots), np.int64)
    used = np.zeros(len(steps), np.int64)
    for word in take.words:
        step = -(-int(word.start_s * FRAME_RATE_HZ) // FRAMES_PER_KEYFRAME)
        for code in text.encode(word.label):
            if step < len(steps) and used[step] < slots:
                steps[step, used[step]] = code
                used[step] += 1
    return steps


def _join(parts: Sequence[np.ndarray], device: str) -> Tensor:
    return torch.from_numpy(np.concatenate(parts)).to(device)
