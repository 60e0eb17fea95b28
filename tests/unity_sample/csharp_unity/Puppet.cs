using System;
using System.Collections.Generic;
using UnityEngine;

namespace Umo.Tests
{
    /// <summary>A model: our proportions, bones that rest at any rotation, nodes between them.</summary>
    sealed class Puppet
    {
        public readonly GameObject Root;
        public readonly Dictionary<string, Transform> Bones = new Dictionary<string, Transform>();
        readonly Dictionary<string, Quaternion> _rest = new Dictionary<string, Quaternion>(); // against the root
        readonly System.Random _random;

        /// <param name="name">Of the object.</param>
        /// <param name="nameOf">Of the node of a bone.</param>
        /// <param name="scale">Of the model below its root.</param>
        public Puppet(string name, Func<string, string> nameOf, float scale = 1)
        {
            _random = new System.Random(7);
            Root = new GameObject(name);
            foreach (HumanoidBone bone in Humanoid.Bones)
            {
                Transform above = Node("between " + bone.Name, bone.Parent.Length == 0 ? Root.transform : Bones[bone.Parent]);
                Transform node = Node(nameOf(bone.Name), above);
                Position offset = UnitySpace.Of(bone.Offset);
                Vector3 from = bone.Parent.Length == 0 ? Vector3.zero : Bones[bone.Parent].position;
                above.position = from;
                node.position = from + scale * new Vector3(offset.X, offset.Y, offset.Z);
                Bones[bone.Name] = node;
                _rest[bone.Name] = node.rotation;
            }
        }

        /// <summary>Describe it as it stands as a T-pose, then let its arms hang.</summary>
        public void MakeHumanoid()
        {
            var animator = Root.AddComponent<Animator>();
            var skeleton = new List<SkeletonBone>();
            foreach (Transform each in Root.GetComponentsInChildren<Transform>(true))
            {
                skeleton.Add(new SkeletonBone { name = each.name, position = each.localPosition, rotation = each.localRotation, scale = Vector3.one });
            }
            animator.avatar = new Avatar { humanDescription = new HumanDescription { skeleton = skeleton.ToArray() } };
            for (HumanBodyBones bone = 0; bone < HumanBodyBones.LastBone; bone++)
            {
                animator.Bones[bone] = Bones[bone.ToString()];
            }
            HangArms();
        }

        public void HangArms()
        {
            Transform left = Bones["LeftUpperArm"], right = Bones["RightUpperArm"];
            left.rotation = Quaternion.AngleAxis(40, Vector3.forward) * left.rotation;
            right.rotation = Quaternion.AngleAxis(-50, Vector3.forward) * right.rotation;
        }

        /// <summary>How a bone has turned from its rest, about the axes of the root.</summary>
        public Quaternion Turned(string bone)
        {
            return Quaternion.Inverse(Root.transform.rotation) * Bones[bone].rotation * Quaternion.Inverse(_rest[bone]);
        }

        /// <summary>Whether every bone stands as a pose says.</summary>
        public double WorstDegrees(Pose pose, IReadOnlyList<string> order)
        {
            var turns = new Dictionary<string, Quaternion> { [""] = Quaternion.identity };
            double worst = 0;
            for (int n = 0; n < Humanoid.Bones.Count; n++)
            {
                HumanoidBone bone = Humanoid.Bones[n];
                Rotation turn = UnitySpace.Of(pose.Rotation(Place(bone.Name, order)).Unit);
                Quaternion wanted = turns[bone.Parent] * new Quaternion(turn.X, turn.Y, turn.Z, turn.W), found = Turned(bone.Name);
                turns[bone.Name] = wanted;
                double cosine = Math.Abs(wanted.x * found.x + wanted.y * found.y + wanted.z * found.z + wanted.w * found.w);
                worst = Math.Max(worst, 2 * Math.Acos(Math.Min(1, cosine)) * 180 / Math.PI);
            }
            return worst;
        }

        Transform Node(string name, Transform above)
        {
            Transform node = new GameObject(name).transform;
            node.SetParent(above, false);
            node.localRotation = Quaternion.AngleAxis(360 * (float)_random.NextDouble(), new Vector3(Any(), Any(), Any()));
            return node;
        }

        float Any()
        {
            return (float)_random.NextDouble() - 0.5f;
        }

        static int Place(string name, IReadOnlyList<string> names)
        {
            for (int n = 0; n < names.Count; n++)
            {
                if (names[n] == name)
                {
                    return n;
                }
            }
            throw new FailedException(name);
        }
    }
}
