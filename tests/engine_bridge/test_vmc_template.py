import struct

import numpy as np
import pytest

from engine_bridge.osc_patch import MAX_DATAGRAM_BYTES
from engine_bridge.vmc_blends import BLEND_PROFILES, NO_BLENDS
from engine_bridge.vmc_bone_space import normalised_space
from engine_bridge.vmc_template import VmcTemplate
from tests.engine_bridge.bridge_frames import golden_frame, make_frame, matrix, utterance
from tests.engine_bridge.osc_reader import blends, bones, read_frame
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONES, REST_OFFSETS_M


def encode(frame, **options):
    template = VmcTemplate(**options)
    template.set_pose(frame.rotations, frame.root_position, frame.blendshapes)
    return [bytes(datagram) for datagram in template.datagrams]


def test_first_bytes():
    first = encode(make_frame())[0]
    hips = b"/VMC/Ext/Bone/Pos\0\0\0,sfffffff\0\0\0Hips\0\0\0\0" + struct.pack(
        ">7f", -0.1, 0.9, 0.2, 0, 0, 0, 1
    )
    assert first[:16] == b"#bundle\0\0\0\0\0\0\0\0\x01"
    assert first[16:20] == struct.pack(">i", len(hips)) == b"\0\0\0\x44"
    assert first[20 : 20 + len(hips)] == hips


def test_last_bytes():
    apply = b"/VMC/Ext/Blend/Apply\0\0\0\0,\0\0\0"
    assert encode(make_frame())[-1].endswith(b"\0\0\0\x1c" + apply)


def test_every_value_lands_in_its_own_word():
    frame = utterance(3)[-1]
    messages = read_frame(encode(frame))
    for index, name in enumerate(BONES):
        x, y, z, w = frame.rotations[index].tolist()
        assert bones(messages)[name][3:] == (x, -y, -z, w)
    for index, name in enumerate(BLENDSHAPES):
        assert blends(messages)[name] == frame.blendshapes[index]


def test_positions_are_rest_offsets_and_the_hips_carry_the_place():
    sent = bones(read_frame(encode(make_frame(hips_m=(1, 2, 3)))))
    assert sent.pop("Hips")[:3] == (-1, 2, 3)
    for name, pose in sent.items():
        x, y, z = REST_OFFSETS_M[BONES.index(name)].tolist()
        assert pose[:3] == (-x, y, z)


def test_golden_pose_has_its_handedness():
    messages = read_frame(encode(golden_frame()))
    sent = bones(messages)
    left_arm = matrix(sent["LeftUpperArm"][3:]) @ sent["LeftLowerArm"][:3]
    np.testing.assert_allclose(left_arm, [0, 0.27, 0], atol=1e-6)  # up, in any handedness
    assert sent["LeftLowerArm"][0] < 0 < sent["RightLowerArm"][0]  # Unity: left is -x
    gaze = matrix(sent["Head"][3:]) @ [0, 0, 1]
    np.testing.assert_allclose(gaze, [0.5, 0, 0.75**0.5], atol=1e-6)  # to its right, +x in Unity
    assert blends(messages)["eyeBlinkLeft"] == 1
    assert blends(messages)["eyeBlinkRight"] == 0


def test_patching_overwrites_everything_of_the_frame_before():
    first, *_, last = utterance(5)
    template = VmcTemplate()
    for frame in (first, last):
        template.set_pose(frame.rotations, frame.root_position, frame.blendshapes)
    assert [bytes(datagram) for datagram in template.datagrams] == encode(last)


BODY = normalised_space([bone for bone in range(55) if "Index" not in BONES[bone]])
EYES = normalised_space([BONES.index("LeftEye"), BONES.index("RightEye")])


@pytest.mark.parametrize(
    ("options", "num_bones", "num_blends", "num_datagrams"),
    [
        ({}, 55, 58, 6),
        ({"blends": BLEND_PROFILES["arkit-pascal"]}, 55, 58, 6),
        ({"blends": BLEND_PROFILES["vrm"]}, 55, 12, 4),
        ({"blends": NO_BLENDS}, 55, 0, 4),
        ({"bone_space": BODY}, 49, 58, 5),
        ({"root_bone": True}, 56, 58, 6),
        ({"bone_space": EYES, "root": False}, 2, 58, 3),
    ],
)
def test_options(options, num_bones, num_blends, num_datagrams):
    frame = utterance(2)[-1]
    datagrams = encode(frame, **options)
    messages = read_frame(datagrams)
    assert len(bones(messages)) == num_bones
    assert len(blends(messages)) == num_blends
    assert bones(messages)["LeftEye"][3] == frame.rotations[BONES.index("LeftEye"), 0]
    assert messages[-1].address == "/VMC/Ext/Blend/Apply"
    assert len(datagrams) == num_datagrams
    assert max(map(len, datagrams)) <= MAX_DATAGRAM_BYTES


def test_without_a_root_nothing_says_where_the_character_stands():
    messages = read_frame(encode(make_frame(), bone_space=EYES, root=False))
    addresses = [message.address for message in messages[:5]]
    assert addresses == [
        *["/VMC/Ext/Bone/Pos"] * 2,
        *("/VMC/Ext/OK", "/VMC/Ext/T", "/VMC/Ext/Blend/Val"),
    ]


@pytest.mark.parametrize("profile", sorted(BLEND_PROFILES))
@pytest.mark.parametrize("space", [None, EYES])
def test_many_avatars_are_patched_as_each_alone(profile, space):
    frames = utterance(4)[1:]
    options = {"bone_space": space, "blends": BLEND_PROFILES[profile]}
    many = VmcTemplate(num_avatars=3, **options)
    many.set_pose(
        np.stack([frame.rotations for frame in frames]),
        np.stack([frame.root_position for frame in frames]),
        np.stack([frame.blendshapes for frame in frames]),
    )
    many.set_time(2.5)
    for avatar, frame in enumerate(frames):
        alone = VmcTemplate(**options)
        alone.set_pose(frame.rotations, frame.root_position, frame.blendshapes)
        alone.set_time(2.5)
        count = len(alone.datagrams)
        found = many.datagrams[avatar * count : (avatar + 1) * count]
        together, apart = (read_frame(list(map(bytes, each))) for each in (found, alone.datagrams))
        assert [m.address for m in together] == [m.address for m in apart]
        for mine, theirs in ((bones(together), bones(apart)), (blends(together), blends(apart))):
            assert list(mine) == list(theirs)
            np.testing.assert_allclose(list(mine.values()), list(theirs.values()), atol=1e-6)
