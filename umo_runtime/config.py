"""Sizes of the networks, which tell `base` from `large`, and the files they are exported to."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from umo_runtime.errors import ConfigError

# What a folder of exported networks holds: `export` writes it, `engine` reads it.
FORMAT_VERSION = 3
MANIFEST_NAME = "manifest.json"
TEXT_NAME = "text.json"

Routing = Literal["region", "learned", "none"]
ROUTINGS: tuple[Routing, ...] = get_args(Routing)

NUM_REGIONS = 4
NUM_KINDS = 6  # tokens of one keyframe step: audio, text and the four regions


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Sizes of every network. The defaults are `base`.

    Attributes:
        num_mels: bands of the log-mel front end.
        audio_channels: width of the audio encoder and of the features it hands out (F).
        audio_blocks: residual blocks of the audio encoder.
        audio_levels: residual codebooks of an audio token (Q).
        audio_codes: entries of an audio codebook (K).
        motion_hidden: width of the motion tokenizer.
        motion_levels: residual codebooks of a motion token.
        motion_codes: entries of a motion codebook.
        code_dim: width of a code vector, audio and motion.
        d_model: width of the predictor.
        num_layers: layers of the predictor over time.
        num_heads: attention heads; must divide `d_model`.
        num_kv_heads: key/value heads; must divide `num_heads`.
        shared_hidden: hidden width of the expert that every token visits.
        expert_hidden: hidden width of each region's own expert.
        window_steps: keyframe steps the predictor remembers.
        depth_model: width of the in-step decoder over regions and levels.
        depth_layers: layers of the in-step decoder.
        depth_hidden: hidden width of its region experts.
        text_codes: size of the byte-pair vocabulary (0 is "no word").
        text_slots: text tokens a keyframe step can take.
        text_dim: width of a text embedding.
        face_hidden: width of the interpolator's face network.
        routing: which expert a token visits: that of its `region`, one that is `learned`, or `none`
            (a dense layer of as many active units).
    """

    num_mels: int = 64
    audio_channels: int = 256
    audio_blocks: int = 6
    audio_levels: int = 2
    audio_codes: int = 512
    motion_hidden: int = 256
    motion_levels: int = 3
    motion_codes: int = 512
    code_dim: int = 64
    d_model: int = 256
    num_layers: int = 4
    num_heads: int = 4
    num_kv_heads: int = 2
    shared_hidden: int = 512
    expert_hidden: int = 256
    window_steps: int = 48
    depth_model: int = 192
    depth_layers: int = 2
    depth_hidden: int = 256
    text_codes: int = 2048
    text_slots: int = 8
    text_dim: int = 64
    face_hidden: int = 256
    routing: Routing = "region"

    def __post_init__(self) -> None:
        """Refuse sizes that cannot be built."""
        if self.routing not in ROUTINGS:
            raise ConfigError(
                f"model.routing is {self.routing!r}; give one of {', '.join(ROUTINGS)}"
            )
        for field in fields(self):
            if field.name == "routing":
                continue
            value = getattr(self, field.name)
            if not isinstance(value, int) or value < 1:
                raise ConfigError(f"model.{field.name} is {value!r}; give a whole number above 0")
        if self.d_model % self.num_heads or self.num_heads % self.num_kv_heads:
            raise ConfigError(
                f"model has d_model {self.d_model}, num_heads {self.num_heads}, num_kv_heads "
                f"{self.num_kv_heads}; each must be a multiple of the next"
            )

    def as_dict(self) -> dict[str, int | str]:
        """Return the sizes as plain data, for checkpoints and model cards."""
        return asdict(self)

    @classmethod
    def from_dict(cls, sizes: dict[str, Any]) -> "ModelConfig":
        """Read sizes back; unknown names are an error.

        Raises:
            ConfigError: an unknown name or an impossible size.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(sizes) - known):
            raise ConfigError(f"unknown model sizes {unknown}; known: {sorted(known)}")
        return cls(**sizes)
