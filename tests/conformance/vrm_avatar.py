"""Our figure as an avatar that can be drawn: a VRM file whose bones rest turned, with expressions.

Body and face are those of our `.glb`, skinned to the bones of `VrmFile`.
"""

from typing import Any

import numpy as np

from tests.engine_bridge.gltf_reader import Gltf, recorded
from tests.engine_bridge.vrm_files import HALF_TURN, MIRRORS, VrmFile, pack_glb
from umo_runtime.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPES
from umo_runtime.skeleton import BONES

SIZE = 1.25
# What VRM's presets do to the face; VRM 0.x calls them otherwise.
_PRESETS = {
    "aa": "jawOpen",
    "ou": "mouthPucker",
    "oh": "mouthFunnel",
    "ih": "mouthStretchLeft",
    "ee": "mouthSmileLeft",
    "blinkLeft": "eyeBlinkLeft",
    "blinkRight": "eyeBlinkRight",
}
_VRM0_PRESETS = dict(zip(_PRESETS, ("a", "u", "o", "i", "e", "blink_l", "blink_r"), strict=True))
_WAYS_TO_LOOK = ("HorizontalInner", "HorizontalOuter", "VerticalDown", "VerticalUp")


def avatar(version: int) -> bytes:
    """A VRM 0.x or 1.0 file."""
    figure, file = recorded(".glb", []), VrmFile(version, size=SIZE)
    document = file.document()
    for name, node in file.bone_nodes.items():
        file.nodes[node]["name"] = name
    skinned = [node for node in figure.json["nodes"] if "skin" in node]
    first = len(file.nodes)
    for key in ("accessors", "bufferViews", "buffers", "materials", "meshes"):
        document[key] = figure.json[key]
    document |= {
        "nodes": [*file.nodes, *skinned],
        "scenes": [{"nodes": [0, *range(first, first + len(skinned))]}],
        "scene": 0,
        "skins": [_skin(figure, file)],
        "extensionsUsed": list(document["extensions"]),
    }
    (extension,) = document["extensions"].values()
    face_node = first + [node["name"] for node in skinned].index("Face")
    extension |= _face_of_vrm1(face_node) if version else _face_of_vrm0(skinned[-1]["mesh"])
    return pack_glb(document, binary=_bound_to_bones(figure, file))


def _skin(figure: Gltf, file: VrmFile) -> dict[str, Any]:
    (skin,) = figure.json["skins"]
    return {**skin, "joints": [file.bone_nodes[name] for name in BONES], "skeleton": 0}


def _bound_to_bones(figure: Gltf, file: VrmFile) -> bytes:
    """The figure's numbers, with matrices from its corners to the bones of the file."""
    stand = np.diag([file.size, file.size, file.size, 1.0])
    mirror = MIRRORS[file.version]
    if file.version == 0:
        stand = HALF_TURN @ stand
    world = file.unity_world({})
    to_bones = [np.linalg.inv(mirror @ world[name] @ mirror) @ stand for name in BONES]
    accessor = figure.json["accessors"][figure.json["skins"][0]["inverseBindMatrices"]]
    view = figure.json["bufferViews"][accessor["bufferView"]]
    numbers = np.array(to_bones, "<f4").transpose(0, 2, 1).tobytes()  # column by column
    start, size = view["byteOffset"], view["byteLength"]
    assert size == len(numbers)
    return figure.binary[:start] + numbers + figure.binary[start + size :]


def _face_of_vrm1(node: int) -> dict[str, Any]:
    def expression(shape: str) -> dict[str, Any]:
        bind = {"node": node, "index": BLENDSHAPE_INDEX[shape], "weight": 1.0}
        return {"morphTargetBinds": [bind]}

    whole = {"inputMaxValue": 90, "outputScale": 90}
    return {
        "meta": {"name": "figure", "authors": ["-"], "licenseUrl": "https://vrm.dev/licenses/1.0/"},
        "expressions": {
            "preset": {name: expression(shape) for name, shape in _PRESETS.items()},
            "custom": {shape: expression(shape) for shape in BLENDSHAPES},
        },
        "lookAt": {
            "type": "bone",
            "offsetFromHeadBone": [0, 0, 0],
            **{f"rangeMap{way}": whole for way in _WAYS_TO_LOOK},
        },
    }


def _face_of_vrm0(mesh: int) -> dict[str, Any]:
    def group(name: str, preset: str, shape: str) -> dict[str, Any]:
        bind = {"mesh": mesh, "index": BLENDSHAPE_INDEX[shape], "weight": 100}
        return {"name": name, "presetName": preset, "binds": [bind], "materialValues": []}

    whole = {"curve": [0, 0, 0, 1, 1, 1, 1, 0], "xRange": 90, "yRange": 90}
    presets = [group(name, _VRM0_PRESETS[name], shape) for name, shape in _PRESETS.items()]
    custom = [group(shape, "unknown", shape) for shape in BLENDSHAPES]
    return {
        "specVersion": "0.0",
        "meta": {"title": "figure"},
        "blendShapeMaster": {"blendShapeGroups": [*presets, *custom]},
        "firstPerson": {
            "lookAtTypeName": "Bone",
            "firstPersonBoneOffset": {"x": 0, "y": 0, "z": 0},
            **{f"lookAt{way}": whole for way in _WAYS_TO_LOOK},
        },
    }
