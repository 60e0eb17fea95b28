"""Many utterances performed at once by the networks as trained, without export, on any device.

The same steps as the graph takes, so that variants of a model can be compared where they were
trained.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from umo_runtime.audio.framing import num_frames
from umo_runtime.controls import NEUTRAL
from umo_runtime.evaluation.performance import Performance
from umo_runtime.export.checkpoint import TrainedNetworks
from umo_runtime.nn.window_attention import write_ring
from umo_runtime.training.framing import LEAD_SAMPLES, frame_windows
from umo_runtime.types import FRAME_RATE_HZ, FRAMES_PER_KEYFRAME, FloatArray


@torch.inference_mode()
def perform_batch(
    networks: TrainedNetworks, speeches: Sequence[FloatArray], device: str, seed: int = 0
) -> list[Performance]:
    """Perform speeches [N] at 16 kHz, each a row of one batch; no text, neutral controls."""
    frames = [num_frames(len(samples)) for samples in speeches]
    longest = -(-max(frames) // FRAMES_PER_KEYFRAME) * FRAMES_PER_KEYFRAME
    codes, features = _hear(networks, speeches, longest, device)
    poses = _keyframes(networks, codes, seed)
    rotations, roots, blendshapes = _dense(networks, poses, features)
    return [
        Performance(
            float(FRAME_RATE_HZ),
            rotations[row, :count],
            roots[row, :count],
            blendshapes[row, :count],
            samples,
        )
        for row, (samples, count) in enumerate(zip(speeches, frames, strict=True))
    ]


def _hear(
    networks: TrainedNetworks, speeches: Sequence[FloatArray], frames: int, device: str
) -> tuple[Tensor, Tensor]:
    """Codes [B, T, Q] and features [B, T, F]."""
    tokenizer = networks.tokenizer.to(device)
    sound = torch.zeros(len(speeches), frames * 1600 // 3 + 2 * LEAD_SAMPLES)
    for row, samples in enumerate(speeches):
        kept = samples[: sound.shape[1] - LEAD_SAMPLES]
        sound[row, LEAD_SAMPLES : LEAD_SAMPLES + len(kept)] = torch.from_numpy(kept)
    windows = frame_windows(sound.to(device), frames)
    features, _ = tokenizer.encode(windows, tokenizer.initial_state(len(speeches)))
    return tokenizer.quantizer(tokenizer.to_code(features)).codes, features


def _keyframes(networks: TrainedNetworks, codes: Tensor, seed: int) -> Tensor:
    """Poses [B, K, P] of keyframes 0 and on."""
    predictor = networks.predictor.to(codes.device)
    batch = len(codes)
    rest = predictor.motion.encode(predictor.motion.rest)
    position, now = codes.new_zeros(batch), rest.expand(batch, -1, -1)
    rings = [ring.to(codes.device) for ring in predictor.initial_rings(batch)]
    controls = torch.from_numpy(NEUTRAL.vector()).to(codes.device).expand(batch, -1)
    text = codes.new_zeros(batch, predictor.config.text_slots)
    lead = codes[:, :1].expand(-1, FRAMES_PER_KEYFRAME - 1, -1)
    steps = torch.cat((lead, codes), dim=1)[:, : codes.shape[1]]
    chance = torch.Generator().manual_seed(seed)
    poses = [predictor.motion(rest).expand(batch, -1)]
    for heard in steps.unflatten(1, (-1, FRAMES_PER_KEYFRAME)).unbind(dim=1):
        uniforms = torch.rand(batch, predictor.in_step.positions, generator=chance)
        pose, (after, now, *written) = predictor.step(
            heard, text, controls, uniforms.to(codes.device), position, now, *rings
        )
        for ring, part in zip(rings, written, strict=True):
            write_ring(ring, part, position)
        position = after
        poses.append(pose)
    return torch.stack(poses, dim=1)


def _dense(
    networks: TrainedNetworks, poses: Tensor, features: Tensor
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Rotations [B, T, 55, 4], roots [B, T, 3] and blendshapes [B, T, 52]."""
    interpolator = networks.interpolator.to(features.device)
    batch, frames = features.shape[:2]
    state = tuple(part.to(features.device) for part in interpolator.initial_state(batch))
    controls = torch.from_numpy(NEUTRAL.vector()).to(features.device).expand(batch, -1)
    made: list[tuple[Tensor, ...]] = []
    for frame in range(frames):
        before, within = divmod(frame, FRAMES_PER_KEYFRAME)
        phase = features.new_full((batch,), within / FRAMES_PER_KEYFRAME)
        *outputs, state = interpolator(
            poses[:, before], poses[:, before + 1], phase, features[:, frame], controls, *state
        )
        made.append(tuple(outputs))
    rotations, roots, blendshapes = (
        np.asarray(torch.stack(parts, dim=1).float().cpu().numpy())
        for parts in zip(*made, strict=True)
    )
    return rotations, roots, blendshapes
