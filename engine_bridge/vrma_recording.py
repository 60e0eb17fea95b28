"""Recordings as VRM Animation: motion for any VRM avatar, in web pages, Unity and viewers.

Bones, the place of the hips and the gaze, then the face twice. The first animation, the one that
players take, moves the presets that every model has; the second moves custom expressions named as
the 52 ARKit blendshapes ("perfect sync") instead: both at once would open the mouth twice.
Source: VRM Consortium, "VRMC_vrm_animation-1.0".
"""

from collections.abc import Iterator, Mapping

from engine_bridge.gltf_document import Curve, GltfDocument
from engine_bridge.gltf_motion import add_skeleton, body_curves, smoothen
from engine_bridge.gltf_timeline import Timeline
from engine_bridge.motion_buffer import MotionBuffer
from engine_bridge.vrm_gaze import EYES, GAZE_ORIGIN_M, gaze
from engine_bridge.vrm_presets import VRM1_PRESETS, vrm_presets
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONE_INDEX, BONES
from umo_runtime.types import FloatArray

_EXTENSION = "VRMC_vrm_animation"
_SPEC_VERSION = "1.0"
# VRM counts the bones of the thumb from the wrist, Unity from the knuckle.
_THUMB = {"ThumbProximal": "ThumbMetacarpal", "ThumbIntermediate": "ThumbProximal"}


def fill_vrma(document: GltfDocument, motion: MotionBuffer, timeline: Timeline | None) -> None:
    """Put a humanoid, its expressions and their motion into a document."""
    bones = add_skeleton(document, VRM_BONES)
    gaze_node = document.add_node(
        "lookAt", bones[BONE_INDEX["Head"]], translation=GAZE_ORIGIN_M.tolist()
    )
    faces = {
        "preset": dict(zip(VRM1_PRESETS, vrm_presets(motion.blendshapes).T, strict=True)),
        "custom": dict(zip(BLENDSHAPES, motion.blendshapes.T, strict=True)),
    }
    expressions = {
        kind: {name: document.add_node(name) for name in weights} for kind, weights in faces.items()
    }
    _describe(document, bones, expressions, gaze_node)
    if timeline is not None:
        body = [*body_curves(timeline, bones, motion), _gaze_curve(timeline, gaze_node, motion)]
        for kind, weights in faces.items():
            face = _face_curves(timeline, expressions[kind], weights)
            document.add_animation(kind, [*body, *face])


def _describe(
    document: GltfDocument,
    bones: Mapping[int, int],
    expressions: Mapping[str, Mapping[str, int]],
    gaze_node: int,
) -> None:
    """Say what the nodes stand for."""
    humanoid = {VRM_BONES[bone]: node for bone, node in bones.items()}
    document.root["extensionsUsed"] = [_EXTENSION]
    document.root["extensions"] = {
        _EXTENSION: {
            "specVersion": _SPEC_VERSION,
            "humanoid": {"humanBones": _references(humanoid)},
            "expressions": {kind: _references(nodes) for kind, nodes in expressions.items()},
            "lookAt": {"node": gaze_node, "offsetFromHeadBone": GAZE_ORIGIN_M.tolist()},
        }
    }


def _vrm_name(bone: str) -> str:
    for ours, theirs in _THUMB.items():
        if bone.endswith(ours):
            bone = bone.replace(ours, theirs)
            break
    return bone[0].lower() + bone[1:]


VRM_BONES: dict[int, str] = {  # the eyes are moved by the gaze, and must not be among the bones
    index: _vrm_name(bone) for index, bone in enumerate(BONES) if index not in EYES
}


def _references(nodes: Mapping[str, int]) -> dict[str, dict[str, int]]:
    return {name: {"node": node} for name, node in nodes.items()}


def _face_curves(
    timeline: Timeline, nodes: Mapping[str, int], weights: Mapping[str, FloatArray]
) -> Iterator[Curve]:
    """An expression's weight is the x of its node's place."""
    for name, node in nodes.items():
        yield timeline.curve(node, "translation", weights[name])


def _gaze_curve(timeline: Timeline, node: int, motion: MotionBuffer) -> Curve:
    looks = gaze(motion.rotations)
    smoothen(looks)
    return timeline.curve(node, "rotation", looks)
