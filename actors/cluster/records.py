"""Bytes of audio chunks and motion frames between a gateway and its engine.

Little endian, without names of fields: both ends are of one installation. A record holds many items
of many streams, because what a record costs does not depend on how many there are.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from umo_runtime.blendshapes import NUM_BLENDSHAPES
from umo_runtime.controls import EMOTIONS, STATES, Controls
from umo_runtime.skeleton import NUM_BONES
from umo_runtime.types import AudioChunk, FloatArray, MotionFrame

MOST_BYTES = 1 << 16  # of a record, its last item not counted
_CHUNK = struct.Struct("<QdQIIHBx")  # first sample, time, seed; samples, words; letters; is last
_CONTROLS = struct.Struct("<ddddBBBx")  # calmness, intensity, yaw, pitch; emotion; state; is gazing
_WORD = struct.Struct("<qI")  # where it is told, tokens
_FRAME = struct.Struct("<ddIHBx")  # time, that of its sound; index; letters; is last
_ROTATIONS = 4 * NUM_BONES
_POSE = _ROTATIONS + 3 + NUM_BLENDSHAPES

Seeded = tuple[AudioChunk, int]


def encode_chunks(chunks: Sequence[Seeded]) -> Iterator[tuple[bytes, int]]:
    """Records of chunks with the seeds of their streams, and how many each holds."""
    return _gathered(map(_chunk_parts, chunks))


def decode_chunks(data: bytes) -> Iterator[Seeded]:
    """The chunks of a record, with the seeds of their streams."""
    at = 0
    while at < len(data):
        start, time_s, seed, samples, words, letters, is_last = _CHUNK.unpack_from(data, at)
        at += _CHUNK.size
        calmness, intensity, yaw, pitch, emotion, state, gazes = _CONTROLS.unpack_from(data, at)
        at += _CONTROLS.size
        name, at = _name(data, at, letters)
        sound: FloatArray = np.frombuffer(data, "<f4", samples, at)
        at += 4 * samples
        said = []
        for _ in range(words):
            place, count = _WORD.unpack_from(data, at)
            at += _WORD.size
            said.append((place, struct.unpack_from(f"<{count}I", data, at)))
            at += 4 * count
        controls = Controls(
            calmness,
            EMOTIONS[emotion],
            intensity,
            STATES[state],
            (yaw, pitch) if gazes else None,
        )
        yield AudioChunk(name, start, sound, time_s, bool(is_last), controls, tuple(said)), seed


def encode_frames(frames: Sequence[MotionFrame]) -> Iterator[tuple[bytes, int]]:
    """Records of frames, and how many each holds."""
    return _gathered(map(_frame_parts, frames))


def decode_frames(data: bytes) -> Iterator[MotionFrame]:
    """The frames of a record."""
    at = 0
    while at < len(data):
        time_s, captured_s, index, letters, is_last = _FRAME.unpack_from(data, at)
        name, at = _name(data, at + _FRAME.size, letters)
        pose: FloatArray = np.frombuffer(data, "<f4", _POSE, at)
        at += 4 * _POSE
        yield MotionFrame(
            name,
            index,
            time_s,
            pose[:_ROTATIONS].reshape(NUM_BONES, 4),
            pose[_ROTATIONS : _ROTATIONS + 3],
            pose[_ROTATIONS + 3 :],
            captured_s,
            bool(is_last),
        )


def _gathered(items: Iterable[list[bytes]]) -> Iterator[tuple[bytes, int]]:
    parts: list[bytes] = []
    size = count = 0
    for item in items:
        parts += item
        size += sum(map(len, item))
        count += 1
        if size >= MOST_BYTES:
            yield b"".join(parts), count
            parts, size, count = [], 0, 0
    if parts:
        yield b"".join(parts), count


def _chunk_parts(seeded: Seeded) -> list[bytes]:
    chunk, seed = seeded
    controls, name = chunk.controls, chunk.stream.encode()
    head = _CHUNK.pack(
        chunk.start_sample,
        chunk.captured_s,
        seed,
        len(chunk.samples),
        len(chunk.words),
        len(name),
        chunk.is_last,
    )
    told = _CONTROLS.pack(
        controls.calmness,
        controls.intensity,
        *(controls.gaze_rad or (0.0, 0.0)),
        EMOTIONS.index(controls.emotion),
        STATES.index(controls.state),
        controls.gaze_rad is not None,
    )
    words = (
        _WORD.pack(at, len(tokens)) + struct.pack(f"<{len(tokens)}I", *tokens)
        for at, tokens in chunk.words
    )
    return [head, told, _padded(name), chunk.samples.astype("<f4", copy=False).tobytes(), *words]


def _frame_parts(frame: MotionFrame) -> list[bytes]:
    name = frame.stream.encode()
    head = _FRAME.pack(frame.time_s, frame.captured_s, frame.index, len(name), frame.is_last)
    values = (frame.rotations.ravel(), frame.root_position, frame.blendshapes)
    return [head, _padded(name), np.concatenate(values, dtype="<f4").tobytes()]


def _padded(name: bytes) -> bytes:
    """A name up to where numbers may follow."""
    return name + bytes(-len(name) % 4)


def _name(data: bytes, at: int, letters: int) -> tuple[str, int]:
    """A name and where it ends."""
    return data[at : at + letters].decode(), at + letters + -letters % 4
