using System.Collections.Generic;

namespace Umo
{
    /// <summary>How the bones of a model stand in its T-pose, against its root, which faces +z.
    /// </summary>
    /// <remarks>In Unity's space: the model's left is -x. It may have more bones than ours, and lack
    /// some of ours.</remarks>
    public sealed class RestPose
    {
        internal sealed class Bone
        {
            public Rotation Above, Own;
            public Position Place;
        }

        static readonly string[] _required =
        {
            "Hips", "Spine", "Head",
            "LeftUpperArm", "LeftLowerArm", "LeftHand", "LeftUpperLeg", "LeftLowerLeg", "LeftFoot",
            "RightUpperArm", "RightLowerArm", "RightHand", "RightUpperLeg", "RightLowerLeg", "RightFoot",
        };
        static readonly string[] _arm = { "UpperArm", "LowerArm", "Hand" };
        readonly Dictionary<string, Bone> _bones = new Dictionary<string, Bone>();

        /// <summary>How many bones were added.</summary>
        public int Count => _bones.Count;

        /// <summary>Bones that a whole body needs and that were not added.</summary>
        public IReadOnlyList<string> Missing
        {
            get
            {
                var missing = new List<string>();
                foreach (string bone in _required)
                {
                    if (!Has(bone))
                    {
                        missing.Add(bone);
                    }
                }
                return missing;
            }
        }

        /// <summary>Describe a bone.</summary>
        /// <param name="bone">Its name in <see cref="Humanoid"/>.</param>
        /// <param name="above">Rotation of the node above it, a bone or not.</param>
        /// <param name="own">Rotation of the bone.</param>
        /// <param name="place">Where it is, in units of the root.</param>
        public void Add(string bone, Rotation above, Rotation own, Position place)
        {
            _bones[bone] = new Bone { Above = above, Own = own, Place = place };
        }

        /// <summary>Whether the model has it.</summary>
        public bool Has(string bone)
        {
            return _bones.ContainsKey(bone);
        }

        /// <summary>Make a T-pose of one whose arms hang: of an A-pose.</summary>
        public void StraightenArms()
        {
            Straighten("Left", new Position(-1, 0, 0));
            Straighten("Right", new Position(1, 0, 0));
        }

        internal Bone Find(string bone)
        {
            Bone found;
            return _bones.TryGetValue(bone, out found) ? found : null;
        }

        void Straighten(string side, Position direction)
        {
            for (int n = 0; n + 1 < _arm.Length; n++)
            {
                Bone bone = Find(side + _arm[n]), next = Find(side + _arm[n + 1]);
                if (bone != null && next != null)
                {
                    Turn(side + _arm[n], Rotation.Between(next.Place - bone.Place, direction));
                }
            }
        }

        /// <summary>Turn a bone and all that hangs on it.</summary>
        void Turn(string name, Rotation turn)
        {
            Position pivot = _bones[name].Place;
            foreach (KeyValuePair<string, Bone> each in _bones)
            {
                if (IsWithin(each.Key, name))
                {
                    Bone bone = each.Value;
                    bone.Above = each.Key == name ? bone.Above : turn * bone.Above;
                    bone.Own = turn * bone.Own;
                    bone.Place = pivot + turn * (bone.Place - pivot);
                }
            }
        }

        static bool IsWithin(string bone, string limb)
        {
            while (!string.IsNullOrEmpty(bone) && bone != limb)
            {
                bone = Humanoid.ParentOf(bone);
            }
            return bone == limb;
        }
    }
}
