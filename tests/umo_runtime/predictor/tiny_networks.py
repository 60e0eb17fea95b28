"""Networks small enough to test with: every parameter random, none zero, exact in half precision.

Values that half precision holds exactly make "stored as half" the identity, so that an exported
network may be compared with its PyTorch twin at the bound of float32 arithmetic.
"""

import torch
from torch import Tensor, nn

from umo_runtime.config import ModelConfig
from umo_runtime.interpolator.interpolator import Interpolator
from umo_runtime.predictor.predictor import KeyframePredictor
from umo_runtime.skeleton import Region
from umo_runtime.tokenizer.audio import AudioTokenizer
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.tokenizer.pose import BODY_REGIONS, POSE_DIM, REGION_SLICES, VALUE_DIMS

TINY = ModelConfig(
    num_mels=16,
    audio_channels=32,
    audio_blocks=2,
    audio_levels=2,
    audio_codes=32,
    motion_hidden=16,
    motion_levels=2,
    motion_codes=32,
    code_dim=16,
    d_model=32,
    num_layers=2,
    num_heads=2,
    num_kv_heads=1,
    shared_hidden=16,
    expert_hidden=16,
    window_steps=4,
    depth_model=48,
    depth_layers=1,
    depth_hidden=16,
    text_codes=300,
    text_slots=3,
    text_dim=8,
    face_hidden=16,
)
NOISE, POSE_SPREAD = 0.1, 0.2


def t_pose() -> Tensor:
    """Pose vector [P] of the resting character: identity rotations, no speed, no blink."""
    pose = torch.zeros(POSE_DIM)
    for region in BODY_REGIONS:
        bones = VALUE_DIMS[region] // 6
        start = REGION_SLICES[region].start
        pose[start : start + 6 * bones].view(bones, 6)[:, [0, 4]] = 1.0
    pose[REGION_SLICES[Region.FACE].stop - 1] = 1.0
    return pose


def poses_near_rest(rows: int, seed: int, spread: float = 0.15) -> Tensor:
    """Pose vectors [B, P] about the T-pose, blinks of any phase included."""
    generator = torch.Generator().manual_seed(seed)
    poses = t_pose() + spread * torch.randn(rows, POSE_DIM, generator=generator)
    poses[:, REGION_SLICES[Region.FACE].stop - 1] = torch.rand(rows, generator=generator)
    return poses


def _randomise(network: nn.Module, seed: int) -> None:
    """Move every parameter off its initial value, on to one that half precision holds."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in network.parameters():
            value.add_(NOISE * torch.randn(value.shape, generator=generator))
        for value in network.state_dict().values():
            if value.is_floating_point():
                value.copy_(value.half())


def tiny_tokenizer(seed: int = 0) -> AudioTokenizer:
    torch.manual_seed(seed)
    tokenizer = AudioTokenizer(TINY)
    tokenizer.quantizer.codebooks.normal_()  # as far apart as what it codes
    _randomise(tokenizer, seed)
    return tokenizer.eval().requires_grad_(False)


def tiny_motion(seed: int = 0) -> MotionTokenizer:
    torch.manual_seed(seed)
    motion = MotionTokenizer(TINY)
    motion.mean.copy_(t_pose())
    motion.scale.fill_(POSE_SPREAD)
    motion.rest.copy_(t_pose())
    for quantizer in motion.quantizers:  # far apart, so that a wrong code is a wrong pose
        quantizer.codebooks.normal_()
    _randomise(motion, seed)
    return motion.eval().requires_grad_(False)


def tiny_predictor(tokenizer: AudioTokenizer | None = None, seed: int = 0) -> KeyframePredictor:
    torch.manual_seed(seed)
    quantizer = (tokenizer or tiny_tokenizer(seed)).quantizer
    predictor = KeyframePredictor(TINY, quantizer, tiny_motion(seed))
    _randomise(predictor, seed)
    with torch.no_grad():
        predictor.text_embedding.weight[0] = 0  # "no word" says nothing
    predictor.temperature.copy_(torch.linspace(0.75, 1.25, len(predictor.temperature)).half())
    return predictor.eval().requires_grad_(False)


def tiny_interpolator(seed: int = 0) -> Interpolator:
    torch.manual_seed(seed)
    interpolator = Interpolator(TINY)
    _randomise(interpolator, seed)
    return interpolator.eval().requires_grad_(False)


def as_stored(network: nn.Module) -> nn.Module:
    """Round what an exported file holds in half precision: here only constants that are computed.

    Sines and mel filters are not in checkpoints, so that they are made anew in float32.
    """
    for value in network.buffers():
        if value.is_floating_point() and value.numel() >= 1024:
            value.copy_(value.half())
    return network
