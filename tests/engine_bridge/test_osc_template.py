import numpy as np
import pytest

from engine_bridge.osc_map import read_osc_map
from engine_bridge.osc_patch import MAX_DATAGRAM_BYTES
from engine_bridge.osc_rule import DEFAULT_MAP
from engine_bridge.osc_template import OscTemplate
from tests.engine_bridge.bridge_frames import golden_frame, utterance
from tests.engine_bridge.osc_reader import read_frame
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.errors import OutputError
from umo_runtime.skeleton import BONE_INDEX, BONES

FRAME = utterance(8)[-1]


def encode(osc_map, frame=FRAME, stream="main", seconds=0.0):
    template = OscTemplate(osc_map, stream)
    template.set_pose(frame.rotations, frame.root_position, frame.blendshapes)
    template.set_time(seconds)
    return [bytes(datagram) for datagram in template.datagrams]


@pytest.fixture
def send(tmp_path):
    def run(text, frame=FRAME, **options):
        path = tmp_path / "map.toml"
        path.write_text(text)
        return read_frame(encode(read_osc_map(path), frame, **options))

    return run


def test_the_built_in_map():
    datagrams = encode(DEFAULT_MAP, stream="ada", seconds=2.5)
    received = read_frame(datagrams)
    values = {message.address: message.arguments for message in received}
    assert len(values) == len(received) == 1 + 55 + 52 + 1
    assert values["/umo/ada/root"] == pytest.approx(FRAME.root_position.tolist())
    for name, rotation in zip(BONES, FRAME.rotations.tolist(), strict=True):
        assert values[f"/umo/ada/bone/{name}"] == tuple(rotation)
    for name, value in zip(BLENDSHAPES, FRAME.blendshapes.tolist(), strict=True):
        assert values[f"/umo/ada/face/{name}"] == (value,)
    assert (received[-1].address, received[-1].arguments) == ("/umo/ada/time", (2.5,))
    assert {message.tags for message in received} == {",fff", ",ffff", ",f"}
    assert max(map(len, datagrams)) <= MAX_DATAGRAM_BYTES


def test_golden_bytes(send, tmp_path):
    send('[blendshapes]\naddress = "/f"\nargs = ["name", "value"]\nnames = ["jawOpen"]')
    (datagram,) = encode(read_osc_map(tmp_path / "map.toml"), golden_frame())
    assert datagram == (b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x14/f\0\0,sf\0jawOpen\0\0\0\0\0")


def test_names_as_arguments_anywhere(send):
    received = send(
        '[bones]\naddress = "/b"\nargs = ["x", "name", "w", "y"]\nnames = ["Head", "LeftHand"]'
    )
    for message, name in zip(received, ["Head", "LeftHand"], strict=True):
        x, y, _, w = FRAME.rotations[BONE_INDEX[name]].tolist()
        assert (message.address, message.tags) == ("/b", ",fsff")
        assert message.arguments == (x, name, w, y)


def test_one_message_with_many_floats(send):
    (face,) = send('[blendshapes]\naddress = "/f/{stream}"\nmessages = "one"', stream="ada")
    assert face.address == "/f/ada"
    assert face.arguments == tuple(FRAME.blendshapes.tolist())
    (bones,) = send(
        '[bones]\naddress = "/b"\nmessages = "one"\nargs = ["name", "w"]\n'
        'names = { Head = "h", Neck = "neck" }'
    )
    head, neck = FRAME.rotations[[BONE_INDEX["Head"], BONE_INDEX["Neck"]], 3].tolist()
    assert bones.arguments == ("h", head, "neck", neck)


def test_a_component_may_come_twice(send):
    (message,) = send('[time]\naddress = "/t"\nargs = ["seconds", "seconds"]', seconds=1.5)
    assert message.arguments == (1.5, 1.5)


def test_spaces(send):
    x, y, z = FRAME.root_position.tolist()
    (root,) = send('[root]\naddress = "/r"\nspace = "unity"')
    assert root.arguments == pytest.approx((-x, y, z))
    (root,) = send('[root]\naddress = "/r"\nspace = "unreal"\nargs = ["z"]')
    assert root.arguments == pytest.approx((100 * y,))
    head = '[bones]\naddress = "/b"\nnames = ["Head"]\nargs = ["name", "ex", "ey", "ez"]\n'
    turned_right = golden_frame()  # by 30 degrees
    for space, angles in {"ours": (0, -30, 0), "unity": (0, 30, 0), "unreal": (0, 0, 30)}.items():
        (message,) = send(f'{head}space = "{space}"', turned_right)
        assert message.arguments[1:] == pytest.approx(angles, abs=1e-4)


def test_patching_overwrites_everything_of_the_frame_before():
    first, *_, last = utterance(5)
    template = OscTemplate(DEFAULT_MAP, "main")
    for frame, seconds in ((first, 1.0), (last, 2.0)):
        template.set_pose(frame.rotations, frame.root_position, frame.blendshapes)
        template.set_time(seconds)
    assert [bytes(d) for d in template.datagrams] == encode(DEFAULT_MAP, last, seconds=2.0)


def test_datagrams_do_not_grow_with_names(send):
    with pytest.raises(OutputError) as caught:
        send('[bones]\naddress = "/b"\nmessages = "one"\nargs = ["name", "x", "y", "z", "w"]')
    assert "map.toml: bones makes a message of" in str(caught.value)
    assert 'name fewer, or write messages = "each"' in str(caught.value)


def test_a_long_stream_is_refused_too():
    with pytest.raises(OutputError, match="map built in: root makes a message of"):
        OscTemplate(DEFAULT_MAP, "x" * 1400)


def test_the_source_is_left_alone():
    frame = utterance(2)[-1]
    before = frame.rotations.copy()
    encode(DEFAULT_MAP, frame)
    np.testing.assert_array_equal(frame.rotations, before)
