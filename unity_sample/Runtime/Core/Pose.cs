using System;

namespace Umo
{
    /// <summary>One pose of a character; make one and have it filled again and again.</summary>
    /// <remarks>Space: right-handed, metres, y up, the character faces +z, its left is +x;
    /// <see cref="UnitySpace"/> converts.</remarks>
    public sealed class Pose
    {
        /// <summary>Bones, in the order of <see cref="UmoClient.Bones"/>.</summary>
        public const int NumBones = 55;

        /// <summary>Blendshapes, in the order of <see cref="UmoClient.Blendshapes"/>.</summary>
        public const int NumBlendshapes = 52;

        internal const int HipsAt = 4 * NumBones;
        internal const int BlendshapesAt = HipsAt + 3;
        internal const int NumValues = BlendshapesAt + NumBlendshapes;

        /// <summary>As on the wire: 55 rotations xyzw, hips position, blendshapes.</summary>
        internal readonly float[] Values = new float[NumValues];

        /// <summary>The T-pose with a neutral face.</summary>
        public Pose()
        {
            for (int bone = 0; bone < NumBones; bone++)
            {
                Values[4 * bone + 3] = 1;
            }
        }

        /// <summary>Rotation of a bone against its parent, identity in the T-pose.</summary>
        /// <param name="bone">0 to 54.</param>
        public Rotation Rotation(int bone)
        {
            if (bone < 0 || bone >= NumBones)
            {
                throw new ArgumentOutOfRangeException("bone");
            }
            int at = 4 * bone;
            return new Rotation(Values[at], Values[at + 1], Values[at + 2], Values[at + 3]);
        }

        /// <summary>Where the hips are, metres.</summary>
        public Position Hips => new Position(Values[HipsAt], Values[HipsAt + 1], Values[HipsAt + 2]);

        /// <summary>Weight of a blendshape, 0 to 1.</summary>
        /// <param name="blendshape">0 to 51.</param>
        public float Blendshape(int blendshape)
        {
            if (blendshape < 0 || blendshape >= NumBlendshapes)
            {
                throw new ArgumentOutOfRangeException("blendshape");
            }
            return Values[BlendshapesAt + blendshape];
        }
    }
}
