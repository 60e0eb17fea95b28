namespace Umo
{
    /// <summary>From the server's right-handed space to Unity's left-handed one.</summary>
    /// <remarks>
    /// Both have y up and the character facing +z; its left is +x there and -x in Unity. Mirroring x
    /// negates that coordinate of a position and the two other components of a rotation's axis.
    /// </remarks>
    public static class UnitySpace
    {
        /// <summary>The place in Unity's space.</summary>
        public static Position Of(Position place)
        {
            return new Position(-place.X, place.Y, place.Z);
        }

        /// <summary>The rotation in Unity's space.</summary>
        public static Rotation Of(Rotation turn)
        {
            return new Rotation(turn.X, -turn.Y, -turn.Z, turn.W);
        }
    }
}
