"""One call of Audio2Face-3D's API as one character of the native protocol.

No sockets, no waiting. A call is one clip and ends with it, so all of its audio is one segment.
"""

from bisect import insort
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from google.protobuf.message import DecodeError
from nvidia_audio2face_3d.messages_pb2 import (
    AudioWithEmotion,
    AudioWithEmotionStream,
    AudioWithEmotionStreamHeader,
)

from engine_bridge.a2f.answers import closing_bytes, frame_bytes, header_bytes, sound_bytes
from engine_bridge.a2f.clip_header import ClipHeader, read_header
from engine_bridge.a2f.emotion_cue import EmotionCue, read_cue
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import Audio, Control, End, Ended, Frame, Open, Refusal
from umo_runtime.errors import ServiceError
from umo_runtime.types import FRAME_RATE_HZ

_SAMPLE_BYTES = 2
_AHEAD_S = 0.5  # of audio that the server has before its frames come: no more need wait there
# An emotion acts on all audio that waits, so it is told when the frames have come so close: it is
# early by less than that. It must be more than the sound that a frame needs after its time.
_CUE_AHEAD_S = 0.25
_PART_S = 0.1  # of audio in a message
_MOST_AUDIO_S = 300.0  # that was not answered; Audio2Face-3D's own limit of a clip
_MOST_CUES = 1000  # that wait
_SEGMENT = 1


class Call:
    """A clip on its way in and its animation on its way out.

    Args:
        stream: the character's name.
        seed: of its motion; None: by its name.
        send: sends a message of the native protocol.
        answer: takes the bytes of an answer; None after the last one.
        epoch_s: Unix time, which the clip gets as its beginning.
    """

    def __init__(
        self,
        stream: str,
        seed: int | None,
        send: Callable[[Any], None],
        answer: Callable[[bytes | None], None],
        epoch_s: Callable[[], float],
    ) -> None:
        self._stream, self._seed = stream, seed
        self._send, self._answer, self._epoch_s = send, answer, epoch_s
        self._header: ClipHeader | None = None
        self._audio = bytearray()  # that has not gone back
        self._heard = self._fed = self._returned = 0  # samples: came, given on, gone back
        self._shown_s = 0.0
        self._cues: list[EmotionCue] = []
        self._is_complete = self._is_over = False

    @property
    def is_full(self) -> bool:
        """Whether so much was not answered that no more should be read."""
        return self._header is not None and (
            self._heard - self._returned > _MOST_AUDIO_S * self._header.rate_hz
        )

    def take(self, request: bytes) -> None:
        """Take a message of the client.

        Raises:
            ServiceError: it is none, or not the one that was due.
        """
        try:
            message = AudioWithEmotionStream.FromString(request)
        except DecodeError as error:
            raise ServiceError("value", "the message is no AudioWithEmotionStream") from error
        part = message.WhichOneof("stream_part")
        if part is None or (part == "audio_stream_header") != (self._header is None):
            due = "audio" if self._header else "audio_stream_header"
            raise ServiceError("value", f"{part or 'an empty message'} came; {due} is due")
        if self._is_complete:
            raise ServiceError("value", f"{part} came after end_of_audio; call again instead")
        if part == "audio_stream_header":
            self._begin(message.audio_stream_header)
        elif part == "audio_with_emotion":
            self._hear(message.audio_with_emotion)
        else:
            self.complete()

    def complete(self) -> None:
        """No more audio will come.

        Raises:
            ServiceError: none has.
        """
        if not self._heard:
            raise ServiceError("value", "no audio came; send a header, audio and end_of_audio")
        self._is_complete = True

    def feed(self) -> None:
        """Give on what the server may have of the audio now."""
        if self._header is None or self._is_over:
            return
        rate_hz = self._header.rate_hz
        most = min(self._heard, round((self._shown_s + _AHEAD_S) * rate_hz))
        if most and not self._fed:  # not before: the clip begins when the character does
            self._send(Open(self._stream, rate_hz, "s16", self._seed))
        while (until := min(most, self._next_cue())) > self._fed:
            until = min(until, self._fed + round(_PART_S * rate_hz))
            self._send(Audio(self._stream, _SEGMENT, self._samples(self._fed, until)))
            self._fed = until
        if self._is_complete and self._fed == self._heard:
            self._is_over = True
            self._send(End(self._stream, _SEGMENT))

    def show(self, message: Any) -> None:
        """Take a message of the server.

        Raises:
            ServiceError: it is a refusal.
        """
        match message:
            case Refusal(code, reason):
                raise ServiceError(code, reason)
            case Frame() if message.segment == _SEGMENT:
                self._show(message)
            case Ended():
                self._end(message.duration_s)

    def _begin(self, header: AudioWithEmotionStreamHeader) -> None:
        self._header = read_header(header)
        self._answer(header_bytes(self._header.rate_hz, self._epoch_s()))

    def _hear(self, sent: AudioWithEmotion) -> None:
        assert self._header is not None
        if len(sent.audio_buffer) % _SAMPLE_BYTES:
            raise ServiceError(
                "value", f"{len(sent.audio_buffer)} bytes are no whole samples; cut between them"
            )
        if len(self._cues) + len(sent.emotions) > _MOST_CUES:
            raise ServiceError("busy", f"{_MOST_CUES} emotions wait already; send more later")
        for emotion in sent.emotions:
            cue = read_cue(emotion, self._header.emotion_strength)
            insort(self._cues, cue, key=attrgetter("time_s"))
        self._audio += sent.audio_buffer
        self._heard += len(sent.audio_buffer) // _SAMPLE_BYTES

    def _next_cue(self) -> int:
        """Tell the emotions whose time has come; the sample up to which there is none."""
        assert self._header is not None
        while self._cues:
            cue = self._cues[0]
            start = round(cue.time_s * self._header.rate_hz)
            if start > self._fed or self._shown_s < cue.time_s - _CUE_AHEAD_S:
                return max(start, self._fed)
            del self._cues[0]
            told = Control(self._stream, emotion=cue.emotion, intensity=cue.intensity)
            self._send(told)
        return self._heard

    def _show(self, frame: Frame) -> None:
        assert self._header is not None
        if frame.pts_s * self._header.rate_hz >= self._heard:  # behind the end
            return
        self._shown_s = frame.pts_s
        rotations, root_position, blendshapes = frame_values(frame)
        blendshapes = self._header.blendshapes(blendshapes)
        until = round((frame.pts_s + 1 / FRAME_RATE_HZ) * self._header.rate_hz)
        time_s, sound = self._sound(until)
        self._answer(frame_bytes(frame.pts_s, rotations, root_position, blendshapes, sound, time_s))

    def _end(self, duration_s: float) -> None:
        time_s, sound = self._sound(self._heard)
        if sound:
            self._answer(sound_bytes(sound, time_s))
        for answer in closing_bytes(f"{duration_s:.3f} s of audio were animated"):
            self._answer(answer)
        self._answer(None)

    def _sound(self, until: int) -> tuple[float, bytes]:
        """Audio that goes back now, up to a sample, and the time of its first one."""
        assert self._header is not None
        until = min(max(until, self._returned), self._fed)
        sound = self._samples(self._returned, until)
        time_s = self._returned / self._header.rate_hz
        del self._audio[: len(sound)]
        self._returned = until
        return time_s, sound

    def _samples(self, start: int, end: int) -> bytes:
        first = (start - self._returned) * _SAMPLE_BYTES
        return bytes(self._audio[first : first + (end - start) * _SAMPLE_BYTES])
