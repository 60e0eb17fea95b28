"""Recordings as glTF: a moving figure that any 3D program opens.

A skeleton of 55 bones with our names, a mannequin skinned to it, and a face with the 52 ARKit
blendshapes as morph targets; one animation turns the bones, moves the hips and weighs the morphs.
Source: Khronos Group, "glTF 2.0 Specification".
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from engine_bridge.figure_body import body_mesh
from engine_bridge.figure_face import face_mesh
from engine_bridge.figure_mesh import REST_POSITIONS_M, FigureMesh
from engine_bridge.gltf_document import INDICES, VERTICES, GltfDocument
from engine_bridge.gltf_motion import add_skeleton, body_curves
from engine_bridge.gltf_timeline import Timeline
from engine_bridge.motion_buffer import MotionBuffer
from umo_runtime.blendshapes import BLENDSHAPES, NUM_BLENDSHAPES
from umo_runtime.skeleton import BONES, NUM_BONES
from umo_runtime.types import FloatArray


def fill_glb(document: GltfDocument, motion: MotionBuffer, timeline: Timeline | None) -> None:
    """Put a figure and its motion into a document."""
    bones = add_skeleton(document, dict(enumerate(BONES)))
    face = _add_figure(document, list(bones.values()))
    if timeline is not None:
        weights = timeline.curve(face, "weights", motion.blendshapes)
        document.add_animation("motion", [*body_curves(timeline, bones, motion), weights])


def _add_figure(document: GltfDocument, joints: list[int]) -> int:
    """Add body and face; returns the node of the face."""
    skin = document.add(
        "skins",
        {
            "joints": joints,
            "skeleton": joints[0],
            "inverseBindMatrices": document.add_accessor(_inverse_bind_matrices(), "MAT4"),
        },
    )
    material = document.add(
        "materials",
        {"name": "figure", "pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 0.9}},
    )
    nodes = [
        document.add_node(name, mesh=_add_mesh(document, name, mesh, material), skin=skin)
        for name, mesh in (("Body", body_mesh()), ("Face", face_mesh()))
    ]
    return nodes[1]


def _inverse_bind_matrices() -> FloatArray:
    """From the world to each bone at rest, column by column, [55, 16]."""
    matrices = np.tile(np.eye(4, dtype=np.float32), (NUM_BONES, 1, 1))
    matrices[:, 3, :3] = -REST_POSITIONS_M
    return matrices.reshape(NUM_BONES, 16)


def _add_mesh(document: GltfDocument, name: str, mesh: FigureMesh, material: int) -> int:
    """Add a mesh without normals: viewers then show its faces flat."""
    num_corners = len(mesh.positions)
    joints, weights = np.zeros((2, num_corners, 4), np.uint8)
    joints[:, 0], weights[:, 0] = mesh.bones, 255
    primitive: dict[str, Any] = {
        "attributes": {
            "POSITION": _add_places(document, mesh.positions),
            "COLOR_0": document.add_accessor(
                _linear(mesh.colours), "VEC4", target=VERTICES, is_normalized=True
            ),
            "JOINTS_0": document.add_accessor(joints, "VEC4", target=VERTICES),
            "WEIGHTS_0": document.add_accessor(
                weights, "VEC4", target=VERTICES, is_normalized=True
            ),
        },
        "indices": document.add_accessor(mesh.triangles.ravel(), "SCALAR", target=INDICES),
        "material": material,
    }
    described: dict[str, Any] = {"name": name, "primitives": [primitive]}
    if mesh.morphs is not None:
        primitive["targets"] = [{"POSITION": _add_places(document, m)} for m in mesh.morphs]
        described["weights"] = [0] * NUM_BLENDSHAPES
        described["extras"] = {"targetNames": list(BLENDSHAPES)}
    return document.add("meshes", described)


def _add_places(document: GltfDocument, places_m: FloatArray) -> int:
    return document.add_accessor(places_m, "VEC3", target=VERTICES, is_bounded=True)


def _linear(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Colours of a screen, [V, 3], as light, with full opacity, [V, 4]: glTF's colours are light.

    Source: IEC 61966-2-1 (sRGB), with its usual exponent for the whole range.
    """
    light = np.full((len(colours), 4), 255, np.uint8)
    light[:, :3] = (255 * (colours / 255) ** 2.2).round()
    return light
