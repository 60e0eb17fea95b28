"""Poses an armature by VMC's bones; Blender says where they are.

Standard input: JSON with `skeleton` (name, parent, offset at rest in Blender's coordinates) and
`frames` (by name, local pose by bone as VMC has it). Prints place and front of the bones by frame.
Run by a Python that has bpy.
"""

import json
import sys

import bpy
from mathutils import Quaternion, Vector

FRONT = Vector((0, -1, 0))  # of characters in Blender, which has z up


def add_armature(skeleton):
    armature = bpy.data.objects.new("figure", bpy.data.armatures.new("figure"))
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    for name, parent, offset in skeleton:
        bone = armature.data.edit_bones.new(name)
        bone.parent = armature.data.edit_bones.get(parent)
        bone.head = Vector(offset) + (bone.parent.head if bone.parent else Vector())
        bone.tail = bone.head + Vector((0.02, 0.03, 0.05))  # along no axis: bones rest turned
    bpy.ops.object.mode_set(mode="POSE")
    return armature


def pose(armature, bones):
    """Unity's x points to a character's right, its z to the front."""
    for name, (px, py, pz, x, y, z, w) in bones.items():
        bone = armature.pose.bones[name]
        rest = bone.bone.matrix_local
        axes = rest.to_quaternion()
        bone.rotation_quaternion = axes.inverted() @ Quaternion((w, x, z, -y)) @ axes
        if name == "Hips":
            bone.location = axes.inverted() @ (Vector((-px, -pz, py)) - rest.translation)
    bpy.context.view_layer.update()


def shown(armature):
    def front(bone):
        rest = bone.bone.matrix_local.to_quaternion()
        return bone.matrix.to_quaternion() @ rest.inverted() @ FRONT

    return {bone.name: [*bone.head, *front(bone)] for bone in armature.pose.bones}


def main():
    order = json.load(sys.stdin)
    armature = add_armature(order["skeleton"])
    answers = {}
    for name, bones in order["frames"].items():
        pose(armature, bones)
        answers[name] = shown(armature)
    print(json.dumps(answers))


main()
