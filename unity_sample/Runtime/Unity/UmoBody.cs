namespace Umo
{
    /// <summary>What of a character moves; the rest is its Animator's.</summary>
    public enum UmoBody
    {
        /// <summary>All bones, and the place of the hips.</summary>
        Whole,

        /// <summary>All above the hips: for characters that walk.</summary>
        Upper,

        /// <summary>Neck, head and eyes.</summary>
        Head,

        /// <summary>No bone.</summary>
        None,
    }
}
