"""A take: a minute or so of one speaker with pauses, and the performance that goes with it.

Utterances of a corpus are joined with pauses from a third of a second to several seconds, because
live speech has them and read speech does not: a mouth must shut, hands must rest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from umo_runtime.blendshapes import MOUTH_CHANNELS, NUM_BLENDSHAPES
from umo_runtime.controls import NEUTRAL, NUM_PREDICTOR_CONTROLS, Controls
from umo_runtime.tokenizer.phones import PHONES
from umo_runtime.training.corpora.choreographer import Choreographer
from umo_runtime.training.corpora.delivery import Delivery
from umo_runtime.training.corpora.face_teacher import FaceTeacher
from umo_runtime.training.corpora.looks import look_around
from umo_runtime.training.corpora.utterance import FaceCapture, Span, Utterance
from umo_runtime.training.pose_track import pose_track
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ

FloatArray = npt.NDArray[np.float32]

_TAKE_S = 60.0
# Pauses between utterances: share of cases, shortest, longest.
_PAUSES = ((0.5, 0.25, 0.7), (0.3, 0.8, 2.0), (0.2, 2.0, 6.0))
_NOISE_FLOOR_QUANTILE = 0.05
_DIGITAL_SILENCE_SHARE = 0.15
_WAIT_S = 40.0


@dataclass(frozen=True, slots=True)
class Take:
    """Speech with its performance, T frames at 30 fps.

    Attributes:
        name: of the first utterance, alike for all performances of the same speech.
        speaker: who speaks.
        samples: [N] int16.
        mouth: [T, M] float16 targets of the mouth channels.
        mouth_weight: [M] 1 for channels whose targets are known.
        phones: [T] int8 index into PHONES, -1 where unknown.
        pose: [T, P] float16 pose vectors.
        words: timed words.
        controls: [3] what the performer was told, as the predictor reads it.
    """

    name: str
    speaker: str
    samples: npt.NDArray[np.int16]
    mouth: npt.NDArray[np.float16]
    mouth_weight: FloatArray
    phones: npt.NDArray[np.int8]
    pose: npt.NDArray[np.float16]
    words: tuple[Span, ...]
    controls: FloatArray

    @property
    def is_capture(self) -> bool:
        """Whether the mouth was filmed: such a take knows some of its channels, not all."""
        return bool(self.mouth_weight.any() and not self.mouth_weight.all())


def join_utterances(
    utterances: Iterable[Utterance], rng: np.random.Generator
) -> Iterator[Utterance]:
    """Join consecutive utterances of a speaker into takes of about a minute, with pauses."""
    held: list[Utterance] = []
    for utterance in utterances:
        if held and (held[0].speaker != utterance.speaker or _duration_s(held) > _TAKE_S):
            yield _join(held, rng)
            held = []
        held.append(utterance)
    if held:
        yield _join(held, rng)


def perform(
    utterance: Utterance,
    choreographer: Choreographer,
    rng: np.random.Generator,
    controls: Controls = NEUTRAL,
) -> Take:
    """Let both teachers perform a joined utterance as they are told.

    A listener's mouth is shut whatever it hears, so it is no example of a mouth.
    """
    frames = len(utterance.samples) * FRAME_RATE_HZ // SAMPLE_RATE_HZ
    looks = look_around(frames, rng) if controls.state == "idle" else ()
    delivery = Delivery.of(utterance.samples)
    face = FaceTeacher().perform(utterance, frames, rng, controls, looks, delivery)
    motion = choreographer.perform(utterance, frames, rng, controls, looks, delivery)
    pose = pose_track(motion.rotations, motion.root_position, face)
    has_mouth = bool(utterance.phones) and controls.state != "listening"
    return Take(
        utterance.name,
        utterance.speaker,
        _to_int16(utterance.samples),
        face.blendshapes[:, MOUTH_CHANNELS].astype(np.float16),
        np.full(len(MOUTH_CHANNELS), float(has_mouth), np.float32),
        _phone_track(utterance.phones, frames),
        pose.astype(np.float16),
        utterance.words,
        controls.vector()[:NUM_PREDICTOR_CONTROLS],
    )


def perform_capture(
    capture: FaceCapture, choreographer: Choreographer, rng: np.random.Generator
) -> Take:
    """A take whose mouth was captured; only the body and the upper face are performed."""
    take = perform(Utterance(capture.name, capture.name, capture.samples), choreographer, rng)
    frames = min(len(take.pose), len(capture.blendshapes))
    mouth = np.zeros((len(take.pose), NUM_BLENDSHAPES), np.float32)
    mouth[:frames] = capture.blendshapes[:frames]
    return replace(
        take,
        mouth=mouth[:, MOUTH_CHANNELS].astype(np.float16),
        mouth_weight=capture.observed[list(MOUTH_CHANNELS)].astype(np.float32),
    )


def wait_in_silence(utterance: Utterance, rng: np.random.Generator) -> Utterance:
    """A while in the room of an utterance in which nobody speaks."""
    samples = _room_tone(utterance.samples, int(_WAIT_S * SAMPLE_RATE_HZ), rng)
    silence = (Span("SIL", 0.0, _WAIT_S),)
    return Utterance(utterance.name, utterance.speaker, samples, phones=silence)


def _duration_s(utterances: Sequence[Utterance]) -> float:
    return sum(len(utterance.samples) for utterance in utterances) / SAMPLE_RATE_HZ


def _join(utterances: Sequence[Utterance], rng: np.random.Generator) -> Utterance:
    pieces: list[FloatArray] = []
    words: list[Span] = []
    phones: list[Span] = []
    at_s = 0.0
    for utterance in utterances:
        pause = _pause(utterance.samples, rng)
        at_s += len(pause) / SAMPLE_RATE_HZ
        pieces += [pause, utterance.samples]
        words += _shift(utterance.words, at_s)
        phones += [Span("SIL", at_s - len(pause) / SAMPLE_RATE_HZ, at_s)]
        phones += _shift(utterance.phones, at_s)
        at_s += len(utterance.samples) / SAMPLE_RATE_HZ
    pieces.append(_pause(utterances[-1].samples, rng))
    aligned = all(utterance.phones for utterance in utterances)
    return Utterance(
        utterances[0].name,
        utterances[0].speaker,
        np.concatenate(pieces),
        " ".join(utterance.text for utterance in utterances),
        tuple(words),
        tuple(phones) if aligned else (),
    )


def _shift(spans: Sequence[Span], by_s: float) -> list[Span]:
    return [Span(span.label, span.start_s + by_s, span.end_s + by_s) for span in spans]


def _pause(samples: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Silence between utterances."""
    shares = np.array([share for share, _, _ in _PAUSES])
    _, shortest, longest = _PAUSES[int(rng.choice(len(_PAUSES), p=shares))]
    return _room_tone(samples, int(rng.uniform(shortest, longest) * SAMPLE_RATE_HZ), rng)


def _room_tone(samples: FloatArray, length: int, rng: np.random.Generator) -> FloatArray:
    """Noise [length] at the recording's own floor, or digital silence now and then."""
    blocks = samples[: len(samples) // 160 * 160].reshape(-1, 160)
    floor = float(np.quantile(blocks.std(axis=1), _NOISE_FLOOR_QUANTILE)) if len(blocks) else 0.0
    level = floor * (rng.random() > _DIGITAL_SILENCE_SHARE)
    return (rng.standard_normal(length) * level).astype(np.float32)


def _to_int16(samples: FloatArray) -> npt.NDArray[np.int16]:
    return (np.clip(samples, -1.0, 1.0) * 32767).astype(np.int16)


def _phone_track(phones: Sequence[Span], frames: int) -> npt.NDArray[np.int8]:
    track = np.full(frames, 0 if phones else -1, np.int8)
    for phone in phones:
        start, end = (round(time * FRAME_RATE_HZ) for time in (phone.start_s, phone.end_s))
        track[start : max(end, start + 1)] = PHONES.index(phone.label)
    return track
