import numpy as np
import pytest

pytest.importorskip("nvidia_audio2face_3d")

from nvidia_audio2face_3d.messages_pb2 import A2F3DAnimationDataStream

from engine_bridge.a2f.answers import closing_bytes, frame_bytes, header_bytes, sound_bytes
from umo_runtime.skeleton import BONES, REST_OFFSETS_M

read = A2F3DAnimationDataStream.FromString


def test_the_header() -> None:
    header = read(header_bytes(44_100, 1_700_000_000.25)).animation_data_stream_header
    assert header.start_time_code_since_epoch == 1_700_000_000.25
    assert header.audio_header.samples_per_second == 44_100
    assert (header.audio_header.channel_count, header.audio_header.bits_per_sample) == (1, 16)
    assert len(header.skel_animation_header.blend_shapes) == 52
    assert tuple(header.skel_animation_header.joints) == BONES


@pytest.mark.parametrize("num_audio_bytes", [0, 2, 1066, 1068, 12_800, 100_000])
def test_numbers_of_a_frame_come_back_bit_for_bit(num_audio_bytes: int) -> None:
    random = np.random.default_rng(num_audio_bytes)
    rotations = random.normal(size=(55, 4)).astype(np.float32)
    rotations[3] = 0, 0, 0, 1  # zeros have bytes as well
    hips = np.array([0.0, 0.93, -0.0], np.float32)
    faces = random.uniform(size=52).astype(np.float32)
    audio = random.bytes(num_audio_bytes)
    data = read(frame_bytes(1.25, rotations, hips, faces, audio, 0.5)).animation_data
    assert data.audio.audio_buffer == audio
    assert data.audio.time_code == 0.5
    (weights,) = data.skel_animation.blend_shape_weights
    (turns,) = data.skel_animation.rotations
    (places,) = data.skel_animation.translations
    assert weights.time_code == turns.time_code == places.time_code == 1.25
    np.testing.assert_array_equal(np.array(weights.values, np.float32), faces)
    turned = [(q.i, q.j, q.k, q.real) for q in turns.values]
    np.testing.assert_array_equal(np.array(turned, np.float32), rotations)
    placed = np.array([(p.x, p.y, p.z) for p in places.values], np.float32)
    np.testing.assert_array_equal(placed[0], hips)
    np.testing.assert_array_equal(placed[1:], REST_OFFSETS_M[1:])


def test_one_frame_does_not_change_the_next() -> None:
    zeros, ones = np.zeros((55, 4), np.float32), np.ones((55, 4), np.float32)
    hips, faces = np.zeros(3, np.float32), np.zeros(52, np.float32)
    first = frame_bytes(0.0, ones, hips, faces, b"ab", 0.0)
    second = frame_bytes(0.0, zeros, hips, faces, b"cd", 0.0)
    assert frame_bytes(0.0, ones, hips, faces, b"ab", 0.0) == first != second


def test_sound_alone_and_the_end() -> None:
    data = read(sound_bytes(b"abcd", 2.5)).animation_data
    assert (data.audio.audio_buffer, data.audio.time_code) == (b"abcd", 2.5)
    assert not data.HasField("skel_animation")
    event, status = map(read, closing_bytes("done"))
    assert event.HasField("event") and event.event.event_type == 0
    assert (status.status.code, status.status.message) == (0, "done")
