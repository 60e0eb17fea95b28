using System;
using System.Collections.Generic;
using UnityEngine;

namespace Umo
{
    /// <summary>Shows a character's face on the blendshapes of its meshes.</summary>
    /// <remarks>Names are matched as <see cref="BlendshapeNames"/> says. Weights are written after
    /// Vrm10Instance (order 11000), whose expressions would take them back.</remarks>
    [DefaultExecutionOrder(12000), DisallowMultipleComponent, AddComponentMenu("UMo/UMo Face")]
    public sealed class UmoFace : MonoBehaviour
    {
        [SerializeField, Tooltip("Empty: all below this object.")]
        SkinnedMeshRenderer[] meshes = new SkinnedMeshRenderer[0];

        [SerializeField, Range(0, 2), Tooltip("1: as it is; less or more: a calmer or a livelier face.")]
        float strength = 1;

        [SerializeField, Tooltip("Write what was found to the console once.")]
        bool logsReport = true;

        [NonSerialized] UmoAvatar _avatar;
        [NonSerialized] SkinnedMeshRenderer[] _meshes;
        [NonSerialized] FaceMap _map;
        [NonSerialized] int[][] _expressions; // of every shape of every mesh

        /// <summary>Which names were found and which were not; also in edit mode.</summary>
        public string Report()
        {
            return (_map ?? Map(ArkitBlendshapes.Names)).Report();
        }

        void OnEnable()
        {
            _avatar = GetComponentInParent<UmoAvatar>();
            _map = null;
        }

        void Start()
        {
            if (_avatar == null)
            {
                Debug.LogWarning("UMo: \"" + name + "\" has no UMo Avatar above; add one to the root of the model", this);
            }
            if (logsReport)
            {
                Debug.Log("UMo: face of \"" + name + "\": " + Report(), this);
            }
        }

        void LateUpdate()
        {
            if (_avatar == null || !_avatar.HasPose || _avatar.Client == null)
            {
                return;
            }
            _map = _map ?? Map(_avatar.Client.Blendshapes);
            _map.Weigh(_avatar.Pose);
            for (int mesh = 0; mesh < _meshes.Length; mesh++)
            {
                Show(_meshes[mesh], _expressions[mesh]);
            }
        }

        void Show(SkinnedMeshRenderer mesh, int[] expressions)
        {
            for (int shape = 0; mesh != null && shape < expressions.Length; shape++)
            {
                if (expressions[shape] >= 0)
                {
                    mesh.SetBlendShapeWeight(shape, 100 * Mathf.Clamp01(strength * _map.Weight(expressions[shape])));
                }
            }
        }

        FaceMap Map(IReadOnlyList<string> blendshapes)
        {
            var map = new FaceMap(blendshapes);
            _meshes = meshes.Length > 0 ? meshes : GetComponentsInChildren<SkinnedMeshRenderer>(true);
            _expressions = new int[_meshes.Length][];
            for (int n = 0; n < _meshes.Length; n++)
            {
                _expressions[n] = map.Add(Shapes(_meshes[n]));
            }
            return map;
        }

        static List<string> Shapes(SkinnedMeshRenderer renderer)
        {
            var names = new List<string>();
            Mesh mesh = renderer == null ? null : renderer.sharedMesh;
            for (int n = 0; mesh != null && n < mesh.blendShapeCount; n++)
            {
                names.Add(mesh.GetBlendShapeName(n));
            }
            return names;
        }
    }
}
