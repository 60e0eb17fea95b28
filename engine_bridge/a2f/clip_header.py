"""The header of a clip as a client of Audio2Face-3D sends it, checked."""

from dataclasses import dataclass

import numpy as np
from nvidia_ace.audio_pb2 import AudioHeader
from nvidia_audio2face_3d.messages_pb2 import AudioWithEmotionStreamHeader

from umo_runtime.blendshapes import BLENDSHAPES, NUM_BLENDSHAPES
from umo_runtime.errors import ServiceError
from umo_runtime.types import FloatArray

BLENDSHAPE_NAMES = tuple(name[0].upper() + name[1:] for name in BLENDSHAPES)
_INDEX = {name: index for index, name in enumerate(BLENDSHAPE_NAMES)}
_EMOTION_STRENGTH = 0.6  # theirs, where the client gives none


@dataclass(frozen=True, slots=True)
class ClipHeader:
    """How a client wants its answer.

    Attributes:
        rate_hz: of its audio, which is mono PCM of 16 bits.
        gains: [52] float32, by which blendshapes are multiplied.
        offsets: [52] float32, added then.
        is_clamped: whether blendshapes are cut to 0..1 at last.
        emotion_strength: 0..1, by which its emotions are multiplied; 0 where they are not wanted.
    """

    rate_hz: int
    gains: FloatArray
    offsets: FloatArray
    is_clamped: bool
    emotion_strength: float

    def blendshapes(self, values: FloatArray) -> FloatArray:
        """Values as the client wants them, [52] float32."""
        adjusted = values * self.gains + self.offsets
        return adjusted.clip(0, 1) if self.is_clamped else adjusted


def read_header(sent: AudioWithEmotionStreamHeader) -> ClipHeader:
    """Check a header.

    Strengths of face regions, smoothing and contrast of emotions belong to NVIDIA's networks and
    are passed over, and so are blendshapes that we have not, such as those of the tongue.

    Raises:
        ServiceError: its audio is none that we take, or a parameter is out of its range.
    """
    audio, shapes = sent.audio_header, sent.blendshape_params
    found = (audio.audio_format, audio.channel_count, audio.bits_per_sample)
    if found != (AudioHeader.AUDIO_FORMAT_PCM, 1, 16):
        raise ServiceError(
            "value",
            f"audio has format {found[0]}, {found[1]} channels of {found[2]} bits; "
            "send PCM (0), 1 channel of 16 bits",
        )
    rate_hz = audio.samples_per_second
    if not 8_000 <= rate_hz <= 192_000:
        raise ServiceError("value", f"samples_per_second is {rate_hz}; give 8000 to 192000")
    return ClipHeader(
        rate_hz,
        _by_shape(shapes.bs_weight_multipliers, "bs_weight_multipliers", 1.0),
        _by_shape(shapes.bs_weight_offsets, "bs_weight_offsets", 0.0),
        shapes.enable_clamping_bs_weight,
        _emotion_strength(sent),
    )


def _by_shape(given: dict[str, float], what: str, default: float) -> FloatArray:
    values = np.full(NUM_BLENDSHAPES, default, np.float32)
    for name, value in given.items():
        if not np.isfinite(value):
            raise ServiceError("value", f"{what} of {name[:40]!r} is {value}; give a number")
        if name in _INDEX:
            values[_INDEX[name]] = value
    return values


def _emotion_strength(sent: AudioWithEmotionStreamHeader) -> float:
    told = sent.emotion_post_processing_params
    if told.HasField("enable_preferred_emotion") and not told.enable_preferred_emotion:
        return 0.0
    if not told.HasField("emotion_strength"):
        return _EMOTION_STRENGTH
    strength: float = told.emotion_strength
    if not 0 <= strength <= 1:
        raise ServiceError("value", f"emotion_strength is {strength:g}; give 0 to 1")
    return strength
