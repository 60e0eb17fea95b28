using System;
using System.Collections.Generic;
using System.Globalization;

namespace Umo.Tests
{
    /// <summary>Poses in Unity's space, as engine_bridge/coordinates.py makes them.</summary>
    static class SpaceTests
    {
        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["unity_space"] = Golden;
            tests["unity_space_of_an_arm"] = _ => Arm();
        }

        /// <summary>Arguments: 7 numbers of a rotation and position, 7 of them in Unity, and so on.
        /// </summary>
        static void Golden(string[] arguments)
        {
            Check.True(arguments.Length > 14, "there are poses");
            for (int at = 1; at < arguments.Length; at += 14)
            {
                var v = new float[14];
                for (int n = 0; n < 14; n++)
                {
                    v[n] = float.Parse(arguments[at + n], CultureInfo.InvariantCulture);
                }
                Rotation turn = UnitySpace.Of(new Rotation(v[0], v[1], v[2], v[3]));
                Position place = UnitySpace.Of(new Position(v[4], v[5], v[6]));
                Check.Equal((v[7], v[8], v[9], v[10]), (turn.X, turn.Y, turn.Z, turn.W), "rotation");
                Check.Equal((v[11], v[12], v[13]), (place.X, place.Y, place.Z), "position");
            }
        }

        /// <summary>The left arm, raised: it points along +x here, -x in Unity, then up in both.</summary>
        static void Arm()
        {
            float half = (float)Math.Sqrt(0.5);
            Rotation turn = UnitySpace.Of(new Rotation(0, 0, half, half)); // +90 degrees about z: x to y
            Position along = UnitySpace.Of(new Position(1, 0, 0));
            // About z, by 2 atan2(z, w): Unity's formula is the same, its space is mirrored.
            double angle = 2 * Math.Atan2(turn.Z, turn.W);
            double y = Math.Sin(angle) * along.X;
            Check.Near(1, y, 1e-6, "the hand is up");
        }
    }
}
