using System.Collections.Generic;
using UnityEngine;

namespace Umo
{
    /// <summary>The bones of a model: found, described at rest, and moved.</summary>
    internal sealed class AvatarRig
    {
        readonly Transform _root;
        readonly Dictionary<string, Transform> _found = new Dictionary<string, Transform>();
        Retargeting _retargeting;
        Transform[] _bones;
        UmoBody _body;

        /// <param name="root">Of the model; faces +z.</param>
        /// <param name="rest">How its nodes stand where nothing moves them.</param>
        public AvatarRig(Transform root, RestNodes rest)
        {
            Animator animator = root.GetComponentInChildren<Animator>(true);
            bool isHumanoid = animator != null && animator.avatar != null && animator.isHuman;
            _root = isHumanoid ? animator.transform : root;
            if (isHumanoid)
            {
                FindByAnimator(animator);
                rest.TakeTPose(animator.avatar.humanDescription.skeleton);
            }
            else
            {
                FindByName();
            }
            Rest = new RestPose();
            foreach (KeyValuePair<string, Transform> each in _found)
            {
                rest.Describe(each.Key, each.Value, _root, Rest);
            }
            if (!isHumanoid || !rest.HasTPose)
            {
                Rest.StraightenArms();
            }
        }

        /// <summary>The model in its T-pose.</summary>
        public RestPose Rest { get; }

        /// <summary>What was found and what was not, for people.</summary>
        public string Report()
        {
            string report = _found.Count + " of " + Humanoid.Bones.Count + " bones found";
            IReadOnlyList<string> missing = Rest.Missing;
            return missing.Count == 0 ? report : report + "\nnot found: " + string.Join(", ", missing);
        }

        /// <summary>Get to know the order of bones in poses.</summary>
        public void Bind(IReadOnlyList<string> bones, UmoBody body)
        {
            _body = body;
            _retargeting = new Retargeting(Rest, bones);
            _bones = new Transform[_retargeting.Bones.Count];
            for (int n = 0; n < _bones.Length; n++)
            {
                string name = _retargeting.Bones[n];
                _bones[n] = Moves(name, body) ? _found[name] : null;
            }
        }

        /// <summary>Take on a pose, after <see cref="Bind"/>.</summary>
        public void Apply(Pose pose)
        {
            for (int n = 0; n < _bones.Length; n++)
            {
                if (_bones[n] != null)
                {
                    Rotation turn = _retargeting.Local(n, pose);
                    _bones[n].localRotation = new Quaternion(turn.X, turn.Y, turn.Z, turn.W);
                }
            }
            Transform hips;
            if (_body == UmoBody.Whole && _found.TryGetValue("Hips", out hips))
            {
                Position place = _retargeting.Hips(pose);
                hips.position = _root.TransformPoint(new Vector3(place.X, place.Y, place.Z));
            }
        }

        static bool Moves(string bone, UmoBody body)
        {
            bool isHead = bone == "Neck" || bone == "Head" || bone == "Jaw" || bone.EndsWith("Eye");
            bool isLower = bone == "Hips" || bone.EndsWith("Leg") || bone.EndsWith("Foot") || bone.EndsWith("Toes");
            return body == UmoBody.Whole || (body == UmoBody.Upper && !isLower) || (body == UmoBody.Head && isHead);
        }

        void FindByAnimator(Animator animator)
        {
            for (HumanBodyBones bone = 0; bone < HumanBodyBones.LastBone; bone++)
            {
                Transform node = animator.GetBoneTransform(bone);
                string name = bone.ToString();
                if (node != null && Humanoid.ParentOf(name) != null)
                {
                    _found[name] = node;
                }
            }
        }

        /// <summary>The first node of each name, from the root down.</summary>
        void FindByName()
        {
            var nodes = new Queue<Transform>();
            for (nodes.Enqueue(_root); nodes.Count > 0;)
            {
                Transform node = nodes.Dequeue();
                string bone = node == _root ? null : BoneNames.Find(node.name);
                if (bone != null && !_found.ContainsKey(bone))
                {
                    _found[bone] = node;
                }
                for (int n = 0; n < node.childCount; n++)
                {
                    nodes.Enqueue(node.GetChild(n));
                }
            }
        }
    }
}
