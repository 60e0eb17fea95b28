using System;

namespace Umo
{
    /// <summary>Arithmetic on the values of poses.</summary>
    internal static class PoseMath
    {
        const double _nearlyEqual = 0.9995; // cosine of half the angle: a straight blend is as good

        /// <summary>Blend two poses: rotations along the shorter arc, the rest straight.</summary>
        /// <param name="weight">0: all of <paramref name="from"/>; 1: all of the other.</param>
        /// <param name="result">Gets the blend; may be one of the two.</param>
        /// <remarks>Source: K. Shoemake, "Animating Rotation with Quaternion Curves", SIGGRAPH 1985.
        /// </remarks>
        public static void Mix(float[] from, float[] to, double weight, float[] result)
        {
            for (int at = 0; at < Pose.HipsAt; at += 4)
            {
                Slerp(from, to, at, weight, result);
            }
            for (int at = Pose.HipsAt; at < Pose.NumValues; at++)
            {
                result[at] = (float)(from[at] + weight * (to[at] - from[at]));
            }
        }

        /// <summary>Let the face relax: 1 leaves it, 0 is neutral.</summary>
        public static void ScaleFace(float[] values, double weight)
        {
            for (int at = Pose.BlendshapesAt; at < Pose.NumValues; at++)
            {
                values[at] = (float)(values[at] * weight);
            }
        }

        static void Slerp(float[] from, float[] to, int at, double weight, float[] result)
        {
            double cosine = 0;
            for (int n = at; n < at + 4; n++)
            {
                cosine += (double)from[n] * to[n];
            }
            double sign = cosine < 0 ? -1 : 1; // q and -q are the same rotation; take the near one
            double wFrom = 1 - weight, wTo = weight;
            if (cosine * sign < _nearlyEqual)
            {
                double angle = Math.Acos(cosine * sign);
                wFrom = Math.Sin(wFrom * angle);
                wTo = Math.Sin(wTo * angle);
            }
            Normalise(from, to, at, wFrom, sign * wTo, result);
        }

        static void Normalise(
            float[] from, float[] to, int at, double wFrom, double wTo, float[] result)
        {
            double x = wFrom * from[at] + wTo * to[at];
            double y = wFrom * from[at + 1] + wTo * to[at + 1];
            double z = wFrom * from[at + 2] + wTo * to[at + 2];
            double w = wFrom * from[at + 3] + wTo * to[at + 3];
            double length = Math.Sqrt(x * x + y * y + z * z + w * w);
            if (length < 1e-6) // no rotation at all came
            {
                w = length = 1;
            }
            result[at] = (float)(x / length);
            result[at + 1] = (float)(y / length);
            result[at + 2] = (float)(z / length);
            result[at + 3] = (float)(w / length);
        }
    }
}
