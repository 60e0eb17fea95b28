"""Region-expert mixture-of-experts keyframe predictor.

A keyframe step is six tokens: the audio and the text of the last 4 frames and the four regions of
the current keyframe. Attention mixes them with each other and with the past; feed-forward layers
are a shared expert plus one expert per kind of token. Controls shift all six tokens. The in-step
decoder then draws the next keyframe. In the spirit of UMo (arXiv 2605.14731): one token
formulation, experts by body region.
"""

from functools import partial

import torch
from torch import Tensor, nn

from umo_runtime.config import NUM_KINDS, NUM_REGIONS, ModelConfig
from umo_runtime.controls import NEUTRAL, NUM_PREDICTOR_CONTROLS
from umo_runtime.nn.feed_forward import feed_forward
from umo_runtime.nn.module_list import TypedModuleList
from umo_runtime.nn.residual_quantizer import ResidualQuantizer
from umo_runtime.nn.routed_ffn import RoutedFFN
from umo_runtime.nn.window_attention import WindowAttention
from umo_runtime.predictor.in_step import InStepDecoder
from umo_runtime.skeleton import Region
from umo_runtime.tokenizer.motion import MotionTokenizer
from umo_runtime.types import FRAMES_PER_KEYFRAME

_DROPOUT = 0.1  # in training
_MIN_P = 0.005  # never draw a code less likely than this share of the likeliest
# By level; deeper levels are drawn like the last. Gestures boldly but their details with
# care; nods and blinks, which are rare, as they are.
_TEMPERATURES: dict[Region, tuple[float, float, float]] = {
    Region.TRUNK: (1.0, 0.6, 0.5),
    Region.ARMS: (1.1, 0.5, 0.3),
    Region.HANDS: (1.1, 0.5, 0.3),
    Region.FACE: (1.0, 1.0, 1.0),
}


def _temperatures(levels: int) -> Tensor:
    """Temperature of every decoding position, [P]."""
    by_level = [[_TEMPERATURES[r][min(level, 2)] for r in Region] for level in range(levels)]
    return torch.tensor(by_level).flatten()


class _Layer(nn.Module):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(config.d_model)
        self.norm_ffn = nn.LayerNorm(config.d_model)
        self.dropout = nn.Dropout(_DROPOUT)
        self.attention = WindowAttention(
            config.d_model, config.num_heads, config.num_kv_heads, NUM_KINDS, config.window_steps
        )
        self.ffn = feed_forward(
            config.routing,
            config.d_model,
            config.shared_hidden,
            config.expert_hidden,
            NUM_KINDS,
        )

    def experts(self, x: Tensor) -> Tensor:
        """Residual feed-forward on [B, T * G, D]."""
        routed = self.ffn(self.norm_ffn(x).reshape(-1, NUM_KINDS, x.shape[-1]))
        return x + self.dropout(routed.reshape(x.shape))


class KeyframePredictor(nn.Module):
    """Next-keyframe model. `forward` trains on sequences, `step` runs one keyframe of many streams.

    Args:
        config: sizes.
        audio_quantizer: frozen codebooks of the audio tokenizer.
        motion: frozen motion tokenizer; its decoder turns drawn tokens into poses.
    """

    temperature: Tensor
    neutral: Tensor

    def __init__(
        self, config: ModelConfig, audio_quantizer: ResidualQuantizer, motion: MotionTokenizer
    ) -> None:
        super().__init__()
        self.config = config
        self.audio_quantizer = audio_quantizer.requires_grad_(False)
        self.motion = motion.requires_grad_(False)
        self.audio_in = nn.Linear(FRAMES_PER_KEYFRAME * config.code_dim, config.d_model)
        self.text_embedding = nn.Embedding(config.text_codes, config.text_dim, padding_idx=0)
        self.text_in = nn.Linear(config.text_dim, config.d_model)
        self.motion_in = nn.Parameter(
            torch.randn(NUM_REGIONS, config.code_dim, config.d_model) * config.code_dim**-0.5
        )
        self.kind = nn.Parameter(torch.randn(NUM_KINDS, config.d_model) * 0.02)
        self.no_audio = nn.Parameter(torch.zeros(config.d_model))
        self.layers = TypedModuleList[_Layer](_Layer(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(config.d_model)
        self.in_step = InStepDecoder(config)
        self.controls_in = nn.Linear(NUM_PREDICTOR_CONTROLS, config.d_model, bias=False)
        nn.init.zeros_(self.controls_in.weight)
        neutral = torch.from_numpy(NEUTRAL.vector()[:NUM_PREDICTOR_CONTROLS])
        self.register_buffer("neutral", neutral, persistent=False)
        self.register_buffer("temperature", _temperatures(config.motion_levels), persistent=False)

    def forward(
        self,
        audio: Tensor,
        text: Tensor,
        motion: Tensor,
        heard: Tensor,
        controls: Tensor | None = None,
        told: Tensor | None = None,
    ) -> Tensor:
        """Score the next keyframe at every step of a sequence.

        Args:
            audio: codes of each step's 4 frames, [B, T, 4, Q].
            text: text codes, [B, T, S], 0 where there is no word.
            motion: codes of keyframes 0..T-1, [B, T, R, Q].
            heard: [B] 1 where the model may hear, 0 where it must go by motion alone.
            controls: calmness, listening and idle at each step, [B, T, 3]; default: neutral.
            told: codes of keyframes 1..T to score, [B, T, R, Q]; default: none is needed and the
                logits are conditioned on `motion` shifted by one (the last step is then dropped).

        Returns:
            Logits in decoding order, [B, T, P, K] (or T - 1 steps).
        """
        if controls is None:
            controls = self.neutral.expand(*audio.shape[:2], -1)
        states = self._regions(self._body(self._embed(audio, text, motion, heard, controls)))
        if told is None:
            states, told = states[:, :-1], motion[:, 1:]
        vectors = self._code_vectors(told)
        logits = self.in_step(states.flatten(0, 1), vectors.flatten(0, 1))
        return logits.view(*states.shape[:2], *logits.shape[1:])

    def imbalance(self) -> Tensor:
        """How unevenly routers that learn used their experts last, 1 (evenly) and up."""
        routers = [module for module in self.modules() if isinstance(module, RoutedFFN)]
        if not routers:
            return self.kind.new_ones(())
        return torch.stack([router.imbalance for router in routers]).mean()

    def initial_state(self, batch: int) -> tuple[Tensor, Tensor]:
        """Return position [B] and current keyframe codes [B, R, Q]."""
        zeros = partial(self.neutral.new_zeros, dtype=torch.int64)
        position = zeros(batch)
        return position, zeros(batch, NUM_REGIONS, self.config.motion_levels)

    def initial_rings(self, batch: int) -> tuple[Tensor, ...]:
        """Return the rings of every layer's keys and values, [B, H, W, G, D] each."""
        return tuple(ring for layer in self.layers for ring in layer.attention.initial_rings(batch))

    def step(
        self,
        audio: Tensor,
        text: Tensor,
        controls: Tensor,
        uniforms: Tensor,
        position: Tensor,
        codes: Tensor,
        *rings: Tensor,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Draw the next keyframe of every stream.

        Args:
            audio: codes of the last 4 frames, [B, 4, Q].
            text: text codes that fell into them, [B, S].
            controls: of the newest of them, [B, CONTROL_DIM].
            uniforms: [B, R * Q] numbers in 0..1.
            position: see `initial_state`.
            codes: see `initial_state`.
            rings: see `initial_rings`; they are read alone.

        Returns:
            The keyframe's pose [B, P]; the new position and codes, then what to write into each
            ring, [B, H, G, D].
        """
        heard = torch.ones_like(audio[:, 0, 0], dtype=self.no_audio.dtype)
        controls = controls[:, None, :NUM_PREDICTOR_CONTROLS]
        x = self._embed(audio[:, None], text[:, None], codes[:, None], heard, controls)
        written: list[Tensor] = []
        for index, layer in enumerate(self.layers):
            keys, values = rings[2 * index], rings[2 * index + 1]
            attended, *own = layer.attention.step(layer.norm_attention(x), keys, values, position)
            x = layer.experts(x + attended)
            written += own
        states = self._regions(x)[:, 0]
        drawn = self.in_step.sample(states, self._codebooks(), uniforms, self.temperature, _MIN_P)
        codes = drawn.view(-1, self.config.motion_levels, NUM_REGIONS).transpose(1, 2)
        return self.motion(codes), (position + 1, codes, *written)

    def _embed(
        self, audio: Tensor, text: Tensor, motion: Tensor, heard: Tensor, controls: Tensor
    ) -> Tensor:
        """Tokens of every step, [B, T * 6, D]."""
        sound = self.audio_in(self.audio_quantizer.embed(audio).flatten(-2))
        sound = torch.where(heard.view(-1, 1, 1) > 0, sound, self.no_audio.to(sound.dtype))
        words = self.text_in(self.text_embedding(text).sum(dim=-2))
        body = torch.einsum("btrc,rcd->btrd", self.motion.embed(motion), self.motion_in)
        tokens = torch.cat((sound[:, :, None], words[:, :, None], body), dim=2) + self.kind
        told = self.controls_in(controls - self.neutral)
        return (tokens + told[:, :, None]).flatten(1, 2)

    def _body(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer.experts(x + layer.dropout(layer.attention(layer.norm_attention(x))))
        return x

    def _regions(self, x: Tensor) -> Tensor:
        """Region states [B, T, R, D] of tokens [B, T * 6, D]."""
        states: Tensor = self.norm(x).unflatten(1, (-1, NUM_KINDS))
        return states[:, :, NUM_KINDS - NUM_REGIONS :]

    def _codebooks(self) -> Tensor:
        """Code vectors of every decoding position, [P, K, C]: level-major, regions within."""
        books = torch.stack([quantizer.codebooks for quantizer in self.motion.quantizers], dim=1)
        return books.flatten(0, 1)

    def _code_vectors(self, codes: Tensor) -> Tensor:
        """Code vectors [B, T, P, C] of codes [B, T, R, Q], in decoding order."""
        order = codes.transpose(-1, -2).flatten(-2)
        books = self._codebooks()
        return books[torch.arange(books.shape[0], device=codes.device), order]
