namespace Umo
{
    /// <summary>A bone of the server's own skeleton.</summary>
    public sealed class HumanoidBone
    {
        /// <summary>As in Unity's HumanBodyBones.</summary>
        public string Name { get; }

        /// <summary>The bone above; "" for the hips.</summary>
        public string Parent { get; }

        /// <summary>From the bone above in the T-pose, metres, in the server's space; of the hips:
        /// from the ground.</summary>
        public Position Offset { get; }

        internal HumanoidBone(string name, string parent, Position offset)
        {
            Name = name;
            Parent = parent;
            Offset = offset;
        }
    }
}
