"""What a client of Audio2Face-3D sends, made with NVIDIA's own messages."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nvidia_ace.audio_pb2 import AudioHeader
from nvidia_audio2face_3d.messages_pb2 import (
    AudioWithEmotion,
    AudioWithEmotionStream,
    AudioWithEmotionStreamHeader,
    EmotionWithTimeCode,
)

END = AudioWithEmotionStream(end_of_audio=AudioWithEmotionStream.EndOfAudio())


def clip_header(
    rate_hz: int = 16_000, channels: int = 1, bits: int = 16, **others: Any
) -> AudioWithEmotionStreamHeader:
    audio = AudioHeader(
        audio_format=AudioHeader.AUDIO_FORMAT_PCM,
        channel_count=channels,
        samples_per_second=rate_hz,
        bits_per_sample=bits,
    )
    return AudioWithEmotionStreamHeader(audio_header=audio, **others)


def header(rate_hz: int = 16_000, **others: Any) -> AudioWithEmotionStream:
    return AudioWithEmotionStream(audio_stream_header=clip_header(rate_hz, **others))


def emotion(time_s: float, **values: float) -> EmotionWithTimeCode:
    return EmotionWithTimeCode(time_code=time_s, emotion=values)


def audio(samples: bytes, emotions: Sequence[EmotionWithTimeCode] = ()) -> AudioWithEmotionStream:
    return AudioWithEmotionStream(
        audio_with_emotion=AudioWithEmotion(audio_buffer=samples, emotions=emotions)
    )


def clip(
    samples: bytes,
    part_bytes: int = 3200,
    rate_hz: int = 16_000,
    emotions: Sequence[EmotionWithTimeCode] = (),
    parameters: Mapping[str, Any] | None = None,
) -> Iterator[AudioWithEmotionStream]:
    """A whole one; its emotions come with the first audio, as NVIDIA's sample client sends them."""
    yield header(rate_hz, **(parameters or {}))
    for start in range(0, len(samples), part_bytes):
        yield audio(samples[start : start + part_bytes], () if start else emotions)
    yield END
