using System;
using System.Collections.Generic;

namespace Umo.Tests
{
    static class PoseTests
    {
        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["pose_mix"] = _ => Mix();
            tests["pose_access"] = _ => Access();
        }

        static void Mix()
        {
            float[] from = Turned(0), to = Turned(2), result = new Pose().Values;
            from[Pose.HipsAt] = 1;
            to[Pose.HipsAt] = 3;
            for (int sign = 1; sign > -2; sign -= 2)
            {
                for (double weight = 0; weight <= 1; weight += 0.125)
                {
                    PoseMath.Mix(from, Times(to, sign), weight, result);
                    Check.Near(Math.Sin(weight), Math.Abs(result[1]), 1e-6, "half the angle, sine");
                    Check.Near(Math.Cos(weight), Math.Abs(result[3]), 1e-6, "half the angle, cosine");
                    Check.Near(1 + 2 * weight, result[Pose.HipsAt], 1e-6, "hips");
                }
            }
            PoseMath.Mix(from, from, 0.5, result);
            Check.Near(1, result[3], 1e-7, "identical inputs");
            PoseMath.Mix(new float[Pose.NumValues], new float[Pose.NumValues], 0.5, result);
            Check.Equal(1f, result[3], "no rotation at all");
            float[] nearly = Turned(0.001);
            PoseMath.Mix(from, nearly, 0.5, result);
            Check.Near(0.00025, result[1], 1e-9, "a small angle");
        }

        static void Access()
        {
            var pose = new Pose();
            Check.Equal(1f, pose.Rotation(54).W, "identity");
            pose.Values[Pose.NumValues - 1] = 0.5f;
            pose.Values[4 * 54] = 0.25f;
            Check.Equal((0.5f, 0.25f, 0f), (pose.Blendshape(51), pose.Rotation(54).X, pose.Hips.Y), "ends");
            bool isRefused = false;
            try
            {
                pose.Rotation(55);
            }
            catch (ArgumentOutOfRangeException)
            {
                isRefused = true;
            }
            Check.True(isRefused, "there is no bone 55");
        }

        /// <summary>All bones turned about y by an angle in radians.</summary>
        static float[] Turned(double angle)
        {
            float[] values = new Pose().Values;
            for (int at = 0; at < Pose.HipsAt; at += 4)
            {
                values[at + 1] = (float)Math.Sin(angle / 2);
                values[at + 3] = (float)Math.Cos(angle / 2);
            }
            return values;
        }

        static float[] Times(float[] values, int sign)
        {
            var result = (float[])values.Clone();
            for (int at = 0; at < Pose.HipsAt; at++)
            {
                result[at] *= sign;
            }
            return result;
        }
    }
}
