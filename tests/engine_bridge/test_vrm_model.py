import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.vrm_model import REQUIRED_BONES, parse_vrm, read_vrm, rotation_of
from tests.engine_bridge.bridge_frames import matrix, turn
from tests.engine_bridge.vrm_files import OPTIONAL_BONES, VrmFile, pack_glb
from umo_runtime.errors import OutputError
from umo_runtime.skeleton import BONE_INDEX, BONES, REST_OFFSETS_M

COMPONENT = st.floats(-1, 1)
WHOLE = VrmFile(1).document()


def test_optional_and_required_bones_are_all_bones():
    assert set(REQUIRED_BONES) | OPTIONAL_BONES == set(BONES)
    assert not set(REQUIRED_BONES) & OPTIONAL_BONES


@pytest.mark.parametrize("version", [0, 1])
def test_bones_stand_in_our_space(version):
    model = parse_vrm(VrmFile(version).bytes())
    assert [BONES[bone] for bone in model.bones] == list(BONES)
    places = dict(zip(BONES, model.world[:, :3, 3], strict=True))
    np.testing.assert_allclose(places["Hips"], [0, 1.25 * 0.93, 0], atol=1e-6)
    assert places["LeftHand"][0] > 0.5
    assert places["LeftToes"][2] > 0.1
    thumb = places["LeftThumbIntermediate"] - places["LeftThumbProximal"]
    offset_m = REST_OFFSETS_M[BONE_INDEX["LeftThumbIntermediate"]]
    np.testing.assert_allclose(thumb, 1.25 * offset_m, atol=1e-6)


@pytest.mark.parametrize("version", [0, 1])
def test_a_smallest_model(version):
    model = parse_vrm(VrmFile(version, OPTIONAL_BONES).bytes())
    assert {BONES[bone] for bone in model.bones} == set(REQUIRED_BONES)


@given(st.tuples(COMPONENT, COMPONENT, COMPONENT, COMPONENT), st.floats(1e-3, 100))
def test_a_rotation_comes_back_from_its_matrix(parts, scale):
    if np.linalg.norm(parts) < 1e-3:
        return
    rotation = np.array(parts) / np.linalg.norm(parts)
    transform = np.eye(4)
    transform[:3, :3] = scale * matrix(rotation)
    found = rotation_of(transform)
    np.testing.assert_allclose(found * np.sign(found @ rotation), rotation, atol=1e-9)


def test_rotations_of_many():
    turns = np.stack([turn("x", 90), turn("y", 180)])
    transforms = np.tile(np.eye(4), (2, 1, 1))
    transforms[:, :3, :3] = [matrix(rotation) for rotation in turns]
    agreement = np.abs((rotation_of(transforms) * turns).sum(axis=-1))
    np.testing.assert_allclose(agreement, 1)


def broken(**changes):
    """The whole document with fields of its first nodes or its extension replaced."""
    document = json.loads(json.dumps(WHOLE))
    for path, value in changes.items():
        place, *steps = document, *path.split("__")
        for step in steps[:-1]:
            place = place[int(step) if step.isdigit() else step]
        place[int(steps[-1]) if steps[-1].isdigit() else steps[-1]] = value
    return pack_glb(document)


HIPS = f"nodes__{WHOLE['extensions']['VRMC_vrm']['humanoid']['humanBones']['hips']['node']}"
BONES_PATH = "extensions__VRMC_vrm__humanoid__humanBones"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n", "it is no binary glTF"),
        (pack_glb({"asset": {}}), "it is glTF without the extension VRM or VRMC_vrm"),
        (broken(extensions={"VRM": {}}), "its humanoid has no Hips, Spine, Head, LeftUpperLeg"),
        (broken(extensions={"VRM": {"humanoid": {}}}), "its humanoid has no Hips"),
        (broken(**{BONES_PATH: {"hips": {"node": 1}}}), "its humanoid has no Spine, Head"),
        (broken(**{BONES_PATH: 3}), "its humanoid or its nodes are damaged"),
        (broken(extensions=[]), "without the extension"),
        (broken(extensions=3), "are damaged"),
        (broken(nodes=[]), "are damaged"),
        (broken(nodes={}), "are damaged"),
        (broken(**{f"{BONES_PATH}__hips": {"node": -1}}), "are damaged"),
        (broken(**{f"{BONES_PATH}__hips": {"node": 9999}}), "are damaged"),
        (broken(**{f"{BONES_PATH}__hips": {"node": "1"}}), "are damaged"),
        (broken(**{f"{BONES_PATH}__hips": {}}), "are damaged"),
        (broken(**{f"{HIPS}__children": [0]}), "are damaged"),
        (broken(**{f"{HIPS}__rotation": [0, 0, 1]}), "are damaged"),
        (broken(**{f"{HIPS}__rotation": [0, 0, 0, 0]}), "are damaged"),
        (broken(**{f"{HIPS}__scale": [1, 1, 0]}), "is mirrored, flat or nowhere"),
        (broken(**{f"{HIPS}__scale": [1, 1, -1]}), "is mirrored, flat or nowhere"),
        (broken(**{f"{HIPS}__translation": [1e999, 0, 0]}), "cannot be read"),
        (broken(**{f"{HIPS}__translation": [1e300, 0, 0]}), "is mirrored, flat or nowhere"),
        (broken(**{f"{HIPS}__translation": ["1", "x", 0]}), "are damaged"),
        (broken(**{f"{HIPS}__translation": [0, 0, -9000]}), "its hips are -90.00 m high"),
    ],
)
def test_what_is_no_humanoid(data, message):
    with pytest.raises(OutputError) as caught:
        parse_vrm(data)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_is_named_in_its_error(tmp_path):
    path = tmp_path / "cat.vrm"
    with pytest.raises(OutputError, match=r"cat\.vrm' cannot be read: No such file"):
        read_vrm(path)
    path.write_bytes(b"meow")
    with pytest.raises(OutputError, match=r"cat\.vrm' cannot be used: it begins with b'meow'"):
        read_vrm(path)
    with pytest.raises(OutputError, match="Is a directory"):
        read_vrm(tmp_path)


@given(st.data())
def test_a_file_with_other_values_is_read_or_refused_in_one_line(data):
    document = json.loads(json.dumps(WHOLE))
    node = data.draw(st.sampled_from(document["nodes"]))
    junk = st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(max_size=2),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner),
        max_leaves=6,
    )
    fields = st.sampled_from(["children", "matrix", "rotation", "scale", "translation"])
    node[data.draw(fields)] = data.draw(junk | st.lists(st.floats(allow_nan=False), max_size=16))
    try:
        parse_vrm(pack_glb(document))
    except OutputError as error:
        assert len(str(error).splitlines()) == 1
