using System.Collections.Generic;

namespace Umo
{
    /// <summary>The server's own skeleton: 55 bones, as umo_runtime/skeleton.py has them.</summary>
    public static class Humanoid
    {
        static readonly string[] _fingers = { "Thumb", "Index", "Middle", "Ring", "Little" };
        static readonly string[] _phalanges = { "Proximal", "Intermediate", "Distal" };
        static readonly float[][] _fingerOffsets = // of the three bones, x y z each
        {
            new[] { 0.025f, -0.015f, 0.030f, 0.030f, 0, 0.025f, 0.024f, 0, 0.012f },
            new[] { 0.090f, 0, 0.026f, 0.040f, 0, 0, 0.024f, 0, 0 },
            new[] { 0.092f, 0, 0.004f, 0.044f, 0, 0, 0.027f, 0, 0 },
            new[] { 0.087f, 0, -0.016f, 0.040f, 0, 0, 0.026f, 0, 0 },
            new[] { 0.080f, 0, -0.034f, 0.032f, 0, 0, 0.020f, 0, 0 },
        };
        static readonly HumanoidBone[] _bones = Make().ToArray();

        /// <summary>All bones, each after the one above it.</summary>
        public static IReadOnlyList<HumanoidBone> Bones => _bones;

        /// <summary>How high its hips are at rest, metres.</summary>
        public static float HipsHeight => _bones[0].Offset.Y;

        /// <summary>The bone above another; "" above the hips, null if there is none of that name.
        /// </summary>
        public static string ParentOf(string bone)
        {
            for (int n = 0; n < _bones.Length; n++)
            {
                if (_bones[n].Name == bone)
                {
                    return _bones[n].Parent;
                }
            }
            return null;
        }

        static List<HumanoidBone> Make()
        {
            var bones = new List<HumanoidBone>();
            Add(bones, "Hips", "", 0, 0.93f, 0);
            Add(bones, "Spine", "Hips", 0, 0.09f, -0.01f);
            Add(bones, "Chest", "Spine", 0, 0.12f, 0);
            Add(bones, "UpperChest", "Chest", 0, 0.12f, -0.005f);
            Add(bones, "Neck", "UpperChest", 0, 0.16f, -0.01f);
            Add(bones, "Head", "Neck", 0, 0.09f, 0.02f);
            Add(bones, "Jaw", "Head", 0, 0.01f, 0.03f);
            AddSide(bones, "Left", 1);
            AddSide(bones, "Right", -1);
            return bones;
        }

        /// <param name="left">1, or -1 for the right.</param>
        static void AddSide(List<HumanoidBone> bones, string side, int left)
        {
            Add(bones, side + "UpperLeg", "Hips", left * 0.09f, -0.04f, 0);
            Add(bones, side + "LowerLeg", side + "UpperLeg", 0, -0.41f, 0.005f);
            Add(bones, side + "Foot", side + "LowerLeg", 0, -0.40f, -0.02f);
            Add(bones, side + "Toes", side + "Foot", 0, -0.06f, 0.13f);
            Add(bones, side + "Eye", "Head", left * 0.032f, 0.07f, 0.08f);
            Add(bones, side + "Shoulder", "UpperChest", left * 0.03f, 0.11f, -0.01f);
            Add(bones, side + "UpperArm", side + "Shoulder", left * 0.12f, 0, 0);
            Add(bones, side + "LowerArm", side + "UpperArm", left * 0.27f, 0, 0);
            Add(bones, side + "Hand", side + "LowerArm", left * 0.25f, 0, 0);
            for (int finger = 0; finger < _fingers.Length; finger++)
            {
                string parent = side + "Hand";
                for (int n = 0; n < _phalanges.Length; n++)
                {
                    float[] offsets = _fingerOffsets[finger];
                    string name = side + _fingers[finger] + _phalanges[n];
                    Add(bones, name, parent, left * offsets[3 * n], offsets[3 * n + 1], offsets[3 * n + 2]);
                    parent = name;
                }
            }
        }

        static void Add(
            List<HumanoidBone> bones, string name, string parent, float x, float y, float z)
        {
            bones.Add(new HumanoidBone(name, parent, new Position(x, y, z)));
        }
    }
}
