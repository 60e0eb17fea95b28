"""The dataset as tokens: what stage 3 learns from, small enough to keep beside the checkpoints.

Speech is heard several times, once as recorded and else augmented, so that stage 3 sees the tokens
that bad microphones and rooms give without running the audio tokenizer again.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from torch import Tensor

from umo_runtime.errors import CorpusError
from umo_runtime.tokenizer.audio import AudioTokenizer
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.training.augmentation import augment
from umo_runtime.training.dataset import Dataset
from umo_runtime.training.foundation import encode_all
from umo_runtime.training.framing import frame_windows
from umo_runtime.types import FRAMES_PER_KEYFRAME


@dataclass(frozen=True, slots=True)
class TokenSet:
    """Tokens of all keyframe steps, takes end to end.

    Attributes:
        audio: [V, K, 4, Q] int16 codes of each step k's frames 4k - 3 .. 4k, heard V times.
        text: [K, S] int16, 0 where there is no word.
        motion: [K, R, Q] int16.
        starts: [N] first step of every take.
        lengths: [N] steps of every take.
    """

    audio: Tensor
    text: Tensor
    motion: Tensor
    starts: Tensor
    lengths: Tensor

    def to(self, device: str) -> "TokenSet":
        """Move the tokens; the take boundaries stay on the CPU, where crops are drawn."""
        return TokenSet(
            self.audio.to(device),
            self.text.to(device),
            self.motion.to(device),
            self.starts.cpu(),
            self.lengths.cpu(),
        )

    def crops(
        self, count: int, steps: int, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Draw stretches inside takes.

        Returns:
            Audio [B, T, 4, Q], text [B, T, S] and motion [B, T, R, Q] codes, int64.

        Raises:
            CorpusError: no take is that long.
        """
        room = (self.lengths - steps + 1).clamp(min=0)
        if not room.any():
            raise CorpusError(
                f"no take is longer than {steps} keyframe steps; give more speech or set fewer "
                "frames in [phases.synchronisation]"
            )
        takes = torch.multinomial(room.float(), count, replacement=True, generator=generator)
        offsets = (torch.rand(count, generator=generator) * room[takes]).long()
        place = (self.starts[takes] + offsets)[:, None] + torch.arange(steps)
        heard = torch.randint(self.audio.shape[0], (count, 1), generator=generator)
        place, heard = place.to(self.motion.device), heard.to(self.motion.device)
        return self.audio[heard, place].long(), self.text[place].long(), self.motion[place].long()

    def save(self, path: Path) -> None:
        """Write the tokens, compressed, whole or not at all."""
        partial = path.with_suffix(".partial")
        arrays = {item.name: getattr(self, item.name).cpu().numpy() for item in fields(self)}
        with partial.open("wb") as file:
            np.savez_compressed(file, **arrays)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> "TokenSet":
        """Read what `save` wrote."""
        with np.load(path) as arrays:
            return cls(**{item.name: torch.from_numpy(arrays[item.name]) for item in fields(cls)})


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
    heard = [
        _hear(data.sound(start[None], int(length)), int(length), audio, hearings, generator)
        for start, length in track(
            list(zip(data.starts, data.lengths, strict=True)), "hearing takes"
        )
    ]
    return TokenSet(
        torch.cat(heard, dim=1).to(torch.int16),
        data.text.to(torch.int16),
        encode_all(motion, data).to(torch.int16),
        data.starts // FRAMES_PER_KEYFRAME,
        data.lengths // FRAMES_PER_KEYFRAME,
    )


@torch.no_grad()
def _hear(
    samples: Tensor,
    frames: int,
    audio: AudioTokenizer,
    hearings: int,
    generator: torch.Generator,
) -> Tensor:
    """Audio codes of one take heard V times, [V, K, 4, Q]."""
    heard = samples.expand(hearings, -1).clone()
    heard[1:] = augment(heard[1:], generator)
    features, _ = audio.encode(frame_windows(heard, frames), audio.initial_state(hearings))
    codes = audio.quantizer(audio.to_code(features)).codes
    # Step k closes with frame 4k, so step 0 has one frame and repeats it, as a live stream does.
    lead = codes[:, :1].expand(-1, FRAMES_PER_KEYFRAME - 1, -1)
    codes = torch.cat((lead, codes), dim=1)[:, :frames]
    return codes.unflatten(1, (-1, FRAMES_PER_KEYFRAME))
