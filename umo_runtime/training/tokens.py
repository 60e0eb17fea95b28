"""The dataset as tokens: what the predictor learns from, small enough to keep beside checkpoints.

Speech is heard several times, once as recorded and else augmented, so that stage 3 sees the tokens
that bad microphones and rooms give without running the audio tokenizer again. Takes are heard
together in groups, so that the babble behind one speaker is other speakers' voices.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from torch import Tensor, nn

from umo_runtime.config import ModelConfig
from umo_runtime.tokenizer.audio import AudioTokenizer
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.training import stretches
from umo_runtime.training.augmentation import augment
from umo_runtime.training.dataset import Dataset
from umo_runtime.training.framing import frame_windows
from umo_runtime.types import FRAMES_PER_KEYFRAME

_GROUP = 8  # takes heard together: enough for a babble of four other voices


@dataclass(frozen=True, slots=True)
class TokenCrop:
    """A batch of stretches of T keyframe steps; all codes int64.

    Attributes:
        audio: [B, T, 4, Q].
        text: [B, T, S].
        motion: [B, T, R, Q].
        controls: [B, T, 3].
    """

    audio: Tensor
    text: Tensor
    motion: Tensor
    controls: Tensor

    def rows(self, rows: Tensor) -> "TokenCrop":
        """Some of the stretches."""
        return TokenCrop(*(getattr(self, item.name)[rows] for item in fields(self)))

    def joined(self, other: "TokenCrop") -> "TokenCrop":
        """These stretches and others after them."""
        pairs = ((getattr(self, item.name), getattr(other, item.name)) for item in fields(self))
        return TokenCrop(*(torch.cat(pair) for pair in pairs))


@dataclass(frozen=True, slots=True)
class TokenSet:
    """Tokens of all keyframe steps, takes end to end.

    Attributes:
        audio: [V, K, 4, Q] int16 codes of each step k's frames 4k - 3 .. 4k, heard V times.
        text: [K, S] int16, 0 where there is no word.
        motion: [K, R, Q] int16.
        controls: [N, 3] float32 what every take was told.
        starts: [N] first step of every take.
        lengths: [N] steps of every take.
        is_held_out: [N] which takes are never trained on.
    """

    audio: Tensor
    text: Tensor
    motion: Tensor
    controls: Tensor
    starts: Tensor
    lengths: Tensor
    is_held_out: Tensor

    def to(self, device: str) -> "TokenSet":
        """Move the tokens; what is known of each take stays on the CPU, where crops are drawn."""
        return TokenSet(
            self.audio.to(device),
            self.text.to(device),
            self.motion.to(device),
            self.controls.cpu(),
            self.starts.cpu(),
            self.lengths.cpu(),
            self.is_held_out.cpu(),
        )

    def crops(
        self, count: int, steps: int, generator: torch.Generator, held_out: bool = False
    ) -> TokenCrop:
        """Draw stretches inside takes: of those that are held out, or of the others.

        Raises:
            CorpusError: no such take is that long.
        """
        usable = self.is_held_out if held_out else ~self.is_held_out
        places = stretches.room(self.lengths, steps, usable)
        takes, offsets = stretches.draw(places, count, generator)
        place = (self.starts[takes] + offsets)[:, None] + torch.arange(steps)
        heard = torch.randint(self.audio.shape[0], (count, 1), generator=generator)
        device = self.motion.device
        place, heard = place.to(device), heard.to(device)
        return TokenCrop(
            self.audio[heard, place].long(),
            self.text[place].long(),
            self.motion[place].long(),
            self.controls[takes].to(device)[:, None].expand(-1, steps, -1),
        )

    def save(self, path: Path, digest: str = "") -> None:
        """Write the tokens, compressed, whole or not at all, with the digest of their makers."""
        partial = path.with_suffix(".partial")
        arrays = {item.name: getattr(self, item.name).cpu().numpy() for item in fields(self)}
        with partial.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, digest=np.array(digest), **arrays)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "TokenSet":
        """Read what `save` wrote."""
        with np.load(path) as arrays:
            return cls(**{item.name: torch.from_numpy(arrays[item.name]) for item in fields(cls)})


def saved_digest(path: Path) -> str | None:
    """The digest that tokens were saved with; none without a file that has one."""
    if not path.exists():
        return None
    with np.load(path) as arrays:
        return str(arrays["digest"]) if "digest" in arrays.files else None


def digest_of(*networks: nn.Module) -> str:
    """Names the weights of networks: equal weights give equal text, others do not."""
    seen = hashlib.sha256()
    for network in networks:
        for name, value in network.state_dict().items():
            seen.update(name.encode())
            seen.update(value.detach().cpu().contiguous().numpy().tobytes())
    return seen.hexdigest()


def tokenize_dataset(
    data: Dataset,
    audio: AudioTokenizer,
    motion: MotionTokenizer,
    hearings: int,
    generator: torch.Generator,
) -> TokenSet:
    """Turn all takes into tokens.

    Args:
        data: the takes.
        audio: trained audio tokenizer on the dataset's device.
        motion: trained motion tokenizer on the dataset's device.
        hearings: V, the first one clean.
        generator: of the dataset's device, for augmentation.
    """
    heard: dict[int, Tensor] = {}
    for group in track(list(_groups(len(data.lengths), generator)), "hearing takes"):
        lengths = data.lengths[group]
        longest = int(lengths.max())
        samples = data.sound(group, torch.zeros_like(group), longest)
        codes = torch.stack(
            [
                _hear(augment(samples, generator) if hearing else samples, longest, audio)
                for hearing in range(hearings)
            ]
        )
        for row, (take, length) in enumerate(zip(group.tolist(), lengths.tolist(), strict=True)):
            heard[take] = codes[:, row, : length // FRAMES_PER_KEYFRAME].to(torch.int16)
    return _token_set(torch.cat([heard[take] for take in sorted(heard)], dim=1), data, motion)


def motion_tokens(data: Dataset, motion: MotionTokenizer, config: ModelConfig) -> TokenSet:
    """Tokens of all takes as nobody heard them: for learning from motion alone."""
    steps = data.num_frames // FRAMES_PER_KEYFRAME
    audio = torch.zeros(1, 1, FRAMES_PER_KEYFRAME, config.audio_levels, dtype=torch.int16)
    tokens = _token_set(audio.to(data.pose.device).expand(-1, steps, -1, -1), data, motion)
    tokens.text.zero_()
    return tokens


@torch.no_grad()
def encode_all(tokenizer: MotionTokenizer, data: Dataset) -> Tensor:
    """Codes [K, R, Q] of every keyframe of the dataset (every 4th frame)."""
    tokenizer.eval()
    poses = data.pose[::FRAMES_PER_KEYFRAME]
    return torch.cat([tokenizer.encode(part.float()) for part in poses.split(65536)])


def _token_set(audio: Tensor, data: Dataset, motion: MotionTokenizer) -> TokenSet:
    return TokenSet(
        audio,
        data.text.to(torch.int16),
        encode_all(motion, data).to(torch.int16),
        data.controls.cpu(),
        data.starts.cpu() // FRAMES_PER_KEYFRAME,
        data.lengths.cpu() // FRAMES_PER_KEYFRAME,
        data.is_held_out.cpu(),
    )


def _groups(count: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Take numbers in random groups; the last is filled up with takes that were heard before."""
    order = torch.randperm(count, generator=generator, device=generator.device)
    size = min(_GROUP, count)
    for first in range(0, count, size):
        yield order[(first + torch.arange(size, device=order.device)) % count]


@torch.no_grad()
def _hear(samples: Tensor, frames: int, audio: AudioTokenizer) -> Tensor:
    """Audio codes of takes, [B, K, 4, Q]."""
    features, _ = audio.encode(frame_windows(samples, frames), audio.initial_state(len(samples)))
    codes = audio.quantizer(audio.to_code(features)).codes
    # Step k closes with frame 4k, so step 0 has one frame and repeats it, as a live stream does.
    lead = codes[:, :1].expand(-1, FRAMES_PER_KEYFRAME - 1, -1)
    codes = torch.cat((lead, codes), dim=1)[:, :frames]
    return codes.unflatten(1, (-1, FRAMES_PER_KEYFRAME))
