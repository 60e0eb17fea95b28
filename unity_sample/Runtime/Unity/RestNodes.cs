using System;
using System.Collections.Generic;
using UnityEngine;

namespace Umo
{
    /// <summary>How the nodes of a model stand before anything moves them.</summary>
    /// <remarks>It can be serialized: scripts that are reloaded while the model moves must not take
    /// that pose for rest.</remarks>
    [Serializable]
    internal sealed class RestNodes
    {
        [SerializeField] List<Transform> nodes = new List<Transform>();
        [SerializeField] List<Quaternion> turns = new List<Quaternion>();
        [SerializeField] List<Vector3> places = new List<Vector3>();
        [NonSerialized] Dictionary<Transform, int> _numbers;

        /// <summary>Whether the T-pose of an avatar asset is known, for all of its bones.</summary>
        public bool HasTPose { get; private set; }

        /// <summary>Remember how all stand at present, but for those that are known.</summary>
        public void Remember(Transform root)
        {
            _numbers = new Dictionary<Transform, int>();
            for (int n = 0; n < nodes.Count; n++)
            {
                if (nodes[n] != null)
                {
                    _numbers[nodes[n]] = n;
                }
            }
            foreach (Transform node in root.GetComponentsInChildren<Transform>(true))
            {
                if (!_numbers.ContainsKey(node))
                {
                    _numbers[node] = nodes.Count;
                    nodes.Add(node);
                    turns.Add(node.localRotation);
                    places.Add(node.localPosition);
                }
            }
        }

        /// <summary>Take over the T-pose that an avatar asset was configured with, whatever the pose
        /// of the model.</summary>
        public void TakeTPose(SkeletonBone[] skeleton)
        {
            var byName = new Dictionary<string, SkeletonBone>();
            foreach (SkeletonBone bone in skeleton)
            {
                byName[bone.name] = bone;
            }
            for (int n = 0; n < nodes.Count; n++)
            {
                SkeletonBone bone;
                if (nodes[n] != null && byName.TryGetValue(nodes[n].name, out bone))
                {
                    turns[n] = bone.rotation;
                    places[n] = bone.position;
                }
            }
            HasTPose = byName.Count > 1;
        }

        /// <summary>Describe a bone against the root.</summary>
        public void Describe(string bone, Transform node, Transform root, RestPose rest)
        {
            Quaternion above, own;
            Vector3 place = Stand(node.parent, root, out above);
            place += above * Vector3.Scale(Scale(node.parent, root), places[_numbers[node]]);
            own = above * turns[_numbers[node]];
            rest.Add(
                bone, new Rotation(above.x, above.y, above.z, above.w),
                new Rotation(own.x, own.y, own.z, own.w), new Position(place.x, place.y, place.z));
        }

        /// <summary>Place and rotation of a node against the root. Scales are taken to be even.
        /// </summary>
        Vector3 Stand(Transform node, Transform root, out Quaternion turn)
        {
            if (node == root || node == null)
            {
                turn = Quaternion.identity;
                return Vector3.zero;
            }
            Quaternion above;
            Vector3 place = Stand(node.parent, root, out above);
            turn = above * turns[_numbers[node]];
            return place + above * Vector3.Scale(Scale(node.parent, root), places[_numbers[node]]);
        }

        static Vector3 Scale(Transform node, Transform root)
        {
            Vector3 scale = Vector3.one;
            for (; node != root && node != null; node = node.parent)
            {
                scale = Vector3.Scale(scale, node.localScale);
            }
            return scale;
        }
    }
}
