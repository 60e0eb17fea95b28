using System.Collections.Generic;
using UnityEngine;

namespace Umo
{
    /// <summary>A figure of blocks with all 55 bones, for a first look without a model.</summary>
    public static class BlockFigure
    {
        /// <summary>Make one; it has an <see cref="UmoAvatar"/> and a face.</summary>
        /// <param name="connection">Null: set it later by <see cref="UmoAvatar.Configure"/>.</param>
        /// <param name="name">Of the object and of the character.</param>
        public static UmoAvatar Create(UmoConnection connection, string name = "figure")
        {
            var root = new GameObject(name);
            var bones = new Dictionary<string, Transform> { [""] = root.transform };
            foreach (HumanoidBone bone in Humanoid.Bones)
            {
                bones[bone.Name] = Bone(bone, bones[bone.Parent]);
            }
            Transform head = bones["Head"];
            Block(head, new Vector3(0, 0.09f, 0.01f), new Vector3(0.15f, 0.21f, 0.17f), new Color(0.86f, 0.72f, 0.6f));
            var avatar = root.AddComponent<UmoAvatar>();
            BlockFace.Add(root, head, bones["LeftEye"], bones["RightEye"]);
            avatar.Configure(connection, name);
            return avatar;
        }

        internal static Transform Block(Transform parent, Vector3 place, Vector3 size, Color colour)
        {
            GameObject block = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Object.Destroy(block.GetComponent<Collider>());
            block.transform.SetParent(parent, false);
            block.transform.localPosition = place;
            block.transform.localScale = size;
            block.GetComponent<Renderer>().material.color = colour;
            return block.transform;
        }

        /// <summary>A bone, and a block from the bone above to it.</summary>
        static Transform Bone(HumanoidBone bone, Transform parent)
        {
            Position offset = UnitySpace.Of(bone.Offset);
            var way = new Vector3(offset.X, offset.Y, offset.Z);
            var node = new GameObject(bone.Name).transform;
            node.SetParent(parent, false);
            node.localPosition = way;
            if (bone.Parent.Length > 0 && bone.Parent != "Head")
            {
                Transform block = Block(parent, way / 2, new Vector3(1, 1, way.magnitude), new Color(0.35f, 0.5f, 0.65f));
                float width = Mathf.Clamp(0.35f * way.magnitude, 0.012f, 0.09f);
                block.localScale = new Vector3(width, width, way.magnitude);
                block.localRotation = Quaternion.FromToRotation(Vector3.forward, way);
            }
            return node;
        }
    }
}
