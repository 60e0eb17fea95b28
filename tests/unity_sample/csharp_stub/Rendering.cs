using System.Collections.Generic;

namespace UnityEngine
{
    public class Collider : Component { }
    public sealed class BoxCollider : Collider { }
    public sealed class Material : Object { public Color color { get; set; } }
    public class Renderer : Component { public Material material { get; } = new Material(); }
    public sealed class MeshRenderer : Renderer { }
    public sealed class Camera : Behaviour { public static Camera main => FindObjectOfType<Camera>(); }
    public enum LightType { Spot, Directional }
    public sealed class Light : Behaviour { public LightType type { get; set; } }

    public sealed class Mesh : Object
    {
        public readonly List<string> Shapes = new List<string>(); // of the tests
        public int blendShapeCount => Shapes.Count;
        public string GetBlendShapeName(int place) { return Shapes[place]; }
    }

    public sealed class SkinnedMeshRenderer : Renderer
    {
        readonly Dictionary<int, float> _weights = new Dictionary<int, float>();
        public Mesh sharedMesh { get; set; }

        public float GetBlendShapeWeight(int place)
        {
            float weight;
            return _weights.TryGetValue(place, out weight) ? weight : 0;
        }

        public void SetBlendShapeWeight(int place, float weight) { _weights[place] = weight; }
    }

    public enum HumanBodyBones
    {
        Hips, LeftUpperLeg, RightUpperLeg, LeftLowerLeg, RightLowerLeg, LeftFoot, RightFoot, Spine, Chest,
        Neck, Head, LeftShoulder, RightShoulder, LeftUpperArm, RightUpperArm, LeftLowerArm, RightLowerArm,
        LeftHand, RightHand, LeftToes, RightToes, LeftEye, RightEye, Jaw,
        LeftThumbProximal, LeftThumbIntermediate, LeftThumbDistal,
        LeftIndexProximal, LeftIndexIntermediate, LeftIndexDistal,
        LeftMiddleProximal, LeftMiddleIntermediate, LeftMiddleDistal,
        LeftRingProximal, LeftRingIntermediate, LeftRingDistal,
        LeftLittleProximal, LeftLittleIntermediate, LeftLittleDistal,
        RightThumbProximal, RightThumbIntermediate, RightThumbDistal,
        RightIndexProximal, RightIndexIntermediate, RightIndexDistal,
        RightMiddleProximal, RightMiddleIntermediate, RightMiddleDistal,
        RightRingProximal, RightRingIntermediate, RightRingDistal,
        RightLittleProximal, RightLittleIntermediate, RightLittleDistal,
        UpperChest, LastBone,
    }

    public struct SkeletonBone
    {
        public string name;
        public Vector3 position, scale;
        public Quaternion rotation;
    }

    public struct HumanDescription { public SkeletonBone[] skeleton; }
    public sealed class Avatar : Object { public HumanDescription humanDescription { get; set; } }

    public sealed class Animator : Behaviour
    {
        public readonly Dictionary<HumanBodyBones, Transform> Bones = new Dictionary<HumanBodyBones, Transform>(); // of the tests
        public Avatar avatar { get; set; }
        public bool isHuman => Bones.Count > 0;

        public Transform GetBoneTransform(HumanBodyBones bone)
        {
            Transform found;
            return Bones.TryGetValue(bone, out found) ? found : null;
        }
    }

    public static class GUI
    {
        public static bool Button(Rect place, string text) { return false; }
        public static void Label(Rect place, string text) { }
    }
}
