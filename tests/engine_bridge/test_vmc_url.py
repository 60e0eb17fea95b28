import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge import open_sink
from engine_bridge.vmc_url import parse_vmc_options
from tests.engine_bridge.bridge_frames import golden_frame
from tests.engine_bridge.osc_reader import Received, blends, bones, read_frame
from tests.engine_bridge.vrm_files import VrmFile
from umo_runtime.clock import ManualClock
from umo_runtime.errors import OutputError
from umo_runtime.skeleton import BONES

FACE_BONES = {"LeftEye", "RightEye", "Jaw"}


@pytest.fixture
def receiver():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(10)
        yield opened


def receive(receiver: socket.socket, query: str) -> tuple[list[Received], int]:
    """What arrives of the golden frame, and from which port."""
    sink = open_sink(f"vmc://127.0.0.1:{receiver.getsockname()[1]}?{query}", ManualClock())
    sink.write(golden_frame())
    sink.close()
    datagrams = []
    while not datagrams or not datagrams[-1].endswith(b"/VMC/Ext/Blend/Apply\0\0\0\0,\0\0\0"):
        data, source = receiver.recvfrom(65536)
        datagrams.append(data)
    return read_frame(datagrams), source[1]


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as once:
        once.bind(("", 0))
        return int(once.getsockname()[1])


def test_body_and_face_add_up_to_everything(receiver):
    whole, body, face = (
        receive(receiver, f"root_bone=true&parts={parts}")[0] for parts in ("all", "body", "face")
    )
    assert set(bones(face)) == FACE_BONES
    assert bones(body) | bones(face) == bones(whole)
    assert set(bones(body)) == {*BONES, "root"} - FACE_BONES
    assert blends(body) == {}
    assert blends(face) == blends(whole)
    addresses = {m.address for m in face}
    assert "/VMC/Ext/Root/Pos" not in addresses
    assert {"/VMC/Ext/OK", "/VMC/Ext/T"} <= addresses


def test_without_fingers(receiver):
    sent = bones(receive(receiver, "fingers=false")[0])
    assert len(sent) == 25
    assert not any("Index" in name for name in sent)


@pytest.mark.parametrize(
    ("blend", "shut", "jaw"),
    [
        ("arkit", "eyeBlinkLeft", "jawRight"),
        ("arkit-pascal", "EyeBlinkLeft", "JawRight"),
        ("vrm", "Blink_L", "Blink_R"),
        ("vrm1", "blinkLeft", "blinkRight"),
    ],
)
def test_one_eye_is_shut_in_every_profile(receiver, blend, shut, jaw):
    sent = blends(receive(receiver, f"blend={blend}")[0])
    assert sent[shut] == 1
    assert jaw in sent
    assert sum(sent.values()) == pytest.approx(1.75 if "arkit" in blend else 1)


def test_a_model_is_sent_raw_and_by_its_control_rig(receiver, tmp_path):
    path = tmp_path / "my & 100% avatar.vrm"
    file = VrmFile(1, frozenset({"UpperChest", "Jaw"}))
    path.write_bytes(file.bytes())
    model = str(path).replace("%", "%25").replace("&", "%26")
    raw = bones(receive(receiver, f"model={model}")[0])
    rig = bones(receive(receiver, f"model={model}&bone_space=vrm0")[0])
    plain = bones(receive(receiver, "bone_space=vrm0")[0])
    assert list(raw) == list(rig) == [name for name in plain if name not in file.missing]
    arm = "LeftUpperArm"
    assert rig[arm][3:] == pytest.approx(plain[arm][3:], abs=1e-6)
    assert raw[arm][3:] != pytest.approx(plain[arm][3:], abs=0.1)


def test_the_source_port_is_the_one_given(receiver):
    port = free_port()
    assert receive(receiver, f"source_port={port}")[1] == port


def test_a_source_port_that_is_taken(receiver):
    port = receiver.getsockname()[1]
    with pytest.raises(OutputError, match=rf"source port {port}; give another one: Address alr"):
        open_sink(f"vmc://127.0.0.1:9?source_port={port}", ManualClock())


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("colour=red", "unknown vmc option 'colour'; known: blend, parts, fingers, model,"),
        ("blend=Arkit", "blend='Arkit' is unknown; use arkit or arkit-pascal or vrm or vrm1"),
        ("parts=legs", "parts='legs' is unknown; use all or body or face"),
        ("fingers=1", "fingers='1' is unknown; use true or false"),
        ("fps=0", "fps='0' is not a number from 1 to 240"),
        ("fps=nan", "fps='nan'"),
        ("fps=fast", "fps='fast'"),
        ("bone_space=raw", "bone_space=raw needs the avatar's model: add model=FILE.vrm"),
        ("bone_space=vrm1", "bone_space='vrm1' is unknown; use vrm0 or raw"),
        ("model=/nowhere/cat.vrm", "model '/nowhere/cat.vrm' cannot be read: No such file"),
        ("source_port=0", "source_port='0' is not a number from 1 to 65535"),
        ("source_port=65536", "source_port='65536'"),
        ("source_port=-1", "source_port='-1'"),
        ("source_port=٣", "source_port='٣'"),
        ("source_port=1.5", "source_port='1.5'"),
    ],
)
def test_wrong_options(query, message):
    with pytest.raises(OutputError) as caught:
        open_sink(f"vmc://127.0.0.1:39539?{query}", ManualClock())
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_options_open():
    query = "blend=vrm&parts=all&fingers=false&bone_space=vrm0&root_bone=true&fps=29.97"
    open_sink(f"vmc://127.0.0.1:39539?{query}&source_port={free_port()}", ManualClock()).close()


@given(
    st.dictionaries(
        st.sampled_from(["blend", "parts", "fingers", "bone_space", "root_bone", "fps", "x"]),
        st.sampled_from(["vrm", "face", "true", "vrm0", "30", "", "é"]),
    )
)
def test_options_are_read_or_refused_in_one_line(options):
    try:
        assert len(parse_vmc_options(options).bones) in (3, 22, 25, 52, 55)
    except OutputError as error:
        assert len(str(error).splitlines()) == 1
