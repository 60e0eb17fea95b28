import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.live_link_packet import LiveLinkPacket
from tests.engine_bridge.bridge_frames import golden_frame, make_frame, utterance
from tests.engine_bridge.live_link_reader import NAMES, read_packet
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.errors import OutputError

SUBJECTS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=60)


def encode(frame, subject="Umo", seconds=0.0):
    packet = LiveLinkPacket(subject)
    packet.set_pose(frame.rotations, frame.root_position, frame.blendshapes)
    packet.set_time(seconds)
    (datagram,) = packet.datagrams
    return bytes(datagram)


def test_golden_bytes():
    packet = encode(make_frame(shapes={"eyeBlinkLeft": 1.0, "tongueOut": 0.5}), "Zoë", 10.00625)
    head = (
        b"\x06"
        b"\x00\x00\x00\x245946C0EF-2474-5402-B1DE-CF940F42EC3D"
        b"\x00\x00\x00\x04Zo\xc3\xab"
        b"\x00\x00\x02\x58\x3e\xc0\x00\x00"  # frame 600, and 0.375 of one
        b"\x00\x00\x00\x3c\x00\x00\x00\x01"  # of 60 / 1 a second
        b"\x3d\x3f\x80\x00\x00"
    )
    assert packet[: len(head)] == head
    assert packet[len(head) :] == bytes(4 * 50) + b"\x3f\x00\x00\x00" + packet[-36:]
    assert struct.unpack(">9f", packet[-36:]) == (0.0,) * 9
    assert len(packet) == 306 + 4


def test_every_value_stands_at_its_place():
    frame = utterance(8)[-1]
    values = read_packet(encode(frame)).values
    for name, value in zip(BLENDSHAPES, frame.blendshapes.tolist(), strict=True):
        assert values[name[0].upper() + name[1:]] == value


def test_golden_pose_has_its_handedness():
    values = read_packet(encode(golden_frame())).values
    moving = {name: value for name, value in values.items() if abs(value) > 1e-6}
    assert moving == pytest.approx(
        {
            "EyeBlinkLeft": 1,
            "JawRight": 0.25,
            "MouthLeft": 0.5,
            "HeadYaw": -0.5235988,  # 30 degrees to its right
            "LeftEyeYaw": -0.1745329,  # 10 degrees to its left
        },
        abs=1e-6,
    )


def test_patching_overwrites_everything_of_the_frame_before():
    first, *_, last = utterance(5)
    packet = LiveLinkPacket("Umo")
    for frame in (first, last):
        packet.set_pose(frame.rotations, frame.root_position, frame.blendshapes)
    assert bytes(packet.datagrams[0]) == encode(last)


@given(st.floats(0, 30_000_000))
def test_time_is_a_frame_and_a_part_of_one(seconds):
    read = read_packet(encode(make_frame(), seconds=seconds))
    assert read.rate == (60, 1)
    assert 0 <= read.sub_frame < 1
    assert read.time_s == pytest.approx(seconds, abs=0.51e-3 / 60 + 1e-9)


@pytest.mark.parametrize(
    ("seconds", "frame", "sub_frame"),
    [
        (-1.0, 0, 0),
        (1 / 120, 0, 0.5),
        (0.9999999999, 60, 0),  # no rounding gives a whole frame as a part
        (2**31 / 60, 0, 0),  # after 414 days
    ],
)
def test_odd_times(seconds, frame, sub_frame):
    read = read_packet(encode(make_frame(), seconds=seconds))
    assert (read.frame, read.sub_frame) == (frame, sub_frame)


@given(SUBJECTS)
def test_names_are_measured_in_bytes(subject):
    packet = encode(make_frame(), subject)
    read = read_packet(packet)
    assert read.subject == subject
    assert len(packet) == 306 + len(subject.encode())
    assert set(read.values) == set(NAMES)


@given(SUBJECTS, SUBJECTS)
def test_a_device_belongs_to_its_subject(one, other):
    devices = [read_packet(encode(make_frame(), subject)).device for subject in (one, one, other)]
    assert all(len(device) == 36 for device in devices)
    assert devices[0] == devices[1]
    assert (devices[0] == devices[2]) == (one == other)


@pytest.mark.parametrize("subject", ["", "a\nb", "a\0", "\udcff", "x" * 256, "ë" * 128])
def test_names_that_are_none(subject):
    with pytest.raises(OutputError, match=r"subject=.* is not 1 to 255 bytes of printable text"):
        LiveLinkPacket(subject)
