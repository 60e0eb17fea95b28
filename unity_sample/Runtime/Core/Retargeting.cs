using System.Collections.Generic;

namespace Umo
{
    /// <summary>From normalised poses to the local rotations of a model's own bones, in Unity's space.
    /// </summary>
    /// <remarks>
    /// A normalised rotation N says how a bone turns from the T-pose, about the axes of the model's
    /// root. With the model in its T-pose, let P be the rotation of the node above a bone and W that
    /// of the bone, both against the root. When its ancestors turn by G in all, that node stands at
    /// G P and the bone has to stand at G N W, so its local rotation is (G P)^-1 G N W = P^-1 N W.
    /// A bone that the model lacks hands its rotation to its children; a chest to the bone below.
    /// Source: VRM Consortium, "VRMC_vrm_animation-1.0", how_to_transform_human_pose.md.
    /// </remarks>
    public sealed class Retargeting
    {
        struct Bone
        {
            public int[] Chain; // places in a pose whose rotations it takes on, in order
            public Rotation Before, Rest;
        }

        readonly List<string> _names = new List<string>();
        readonly List<Bone> _bones = new List<Bone>();
        readonly Position _hips;
        readonly float _scale;

        /// <param name="rest">The model in its T-pose.</param>
        /// <param name="bones">Names of the bones in a pose, <see cref="UmoClient.Bones"/>.</param>
        public Retargeting(RestPose rest, IReadOnlyList<string> bones)
        {
            foreach (string name in bones)
            {
                RestPose.Bone bone = rest.Find(name);
                if (bone != null)
                {
                    _names.Add(name);
                    int[] chain = Chain(name, rest, bones);
                    _bones.Add(new Bone { Chain = chain, Before = bone.Above.Inverse, Rest = bone.Own });
                }
            }
            RestPose.Bone hips = rest.Find("Hips");
            _hips = hips == null ? new Position(0, Humanoid.HipsHeight, 0) : hips.Place;
            _scale = _hips.Y > 0 ? _hips.Y / Humanoid.HipsHeight : 1; // else its root is in its hips
        }

        /// <summary>The bones that the model has, by name.</summary>
        public IReadOnlyList<string> Bones => _names;

        /// <summary>Local rotation of one of <see cref="Bones"/>.</summary>
        public Rotation Local(int bone, Pose pose)
        {
            Bone its = _bones[bone];
            Rotation turn = UnitySpace.Of(pose.Rotation(its.Chain[0]));
            for (int n = 1; n < its.Chain.Length; n++)
            {
                turn = turn * UnitySpace.Of(pose.Rotation(its.Chain[n]));
            }
            return (its.Before * turn * its.Rest).Unit;
        }

        /// <summary>Where the hips are against the root: they move in proportion to their height.
        /// </summary>
        public Position Hips(Pose pose)
        {
            var rest = new Position(0, Humanoid.HipsHeight, 0);
            return _hips + _scale * (UnitySpace.Of(pose.Hips) - rest);
        }

        static int[] Chain(string bone, RestPose rest, IReadOnlyList<string> bones)
        {
            var chain = new List<string>();
            string parent = Humanoid.ParentOf(bone);
            for (; !string.IsNullOrEmpty(parent) && !rest.Has(parent); parent = Humanoid.ParentOf(parent))
            {
                if (!IsChest(parent))
                {
                    chain.Insert(0, parent);
                }
            }
            chain.Add(bone);
            AddMissing("Chest", bone, rest, chain);
            AddMissing("UpperChest", bone, rest, chain);
            var places = new List<int>();
            foreach (string name in chain)
            {
                int place = Place(name, bones);
                if (place >= 0)
                {
                    places.Add(place);
                }
            }
            return places.ToArray();
        }

        /// <summary>Have a bone turn for a missing one of the chest above it.</summary>
        static void AddMissing(string chest, string bone, RestPose rest, List<string> chain)
        {
            string below = chest;
            while (!string.IsNullOrEmpty(below) && !rest.Has(below))
            {
                below = Humanoid.ParentOf(below);
            }
            if (below == bone && chest != bone)
            {
                chain.Add(chest);
            }
        }

        static bool IsChest(string bone)
        {
            return bone == "Chest" || bone == "UpperChest";
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
            return -1;
        }
    }
}
