using System;

namespace Umo
{
    /// <summary>A unit quaternion; the arithmetic is the same in both spaces.</summary>
    public struct Rotation
    {
        /// <summary>Of the imaginary part.</summary>
        public readonly float X;

        /// <summary>Of the imaginary part.</summary>
        public readonly float Y;

        /// <summary>Of the imaginary part.</summary>
        public readonly float Z;

        /// <summary>The real part.</summary>
        public readonly float W;

        /// <summary>From its components; (0, 0, 0, 1) is no rotation.</summary>
        public Rotation(float x, float y, float z, float w)
        {
            X = x;
            Y = y;
            Z = z;
            W = w;
        }

        /// <summary>No rotation.</summary>
        public static Rotation Identity => new Rotation(0, 0, 0, 1);

        /// <summary>The rotation back.</summary>
        public Rotation Inverse => new Rotation(-X, -Y, -Z, W);

        /// <summary>The same of length 1: many products in a row drift.</summary>
        public Rotation Unit
        {
            get
            {
                float length = (float)Math.Sqrt(X * X + Y * Y + Z * Z + W * W);
                return length > 0 ? new Rotation(X / length, Y / length, Z / length, W / length) : Identity;
            }
        }

        /// <summary>The rotation <paramref name="b"/> followed by <paramref name="a"/>.</summary>
        public static Rotation operator *(Rotation a, Rotation b)
        {
            return new Rotation(
                a.W * b.X + a.X * b.W + a.Y * b.Z - a.Z * b.Y,
                a.W * b.Y - a.X * b.Z + a.Y * b.W + a.Z * b.X,
                a.W * b.Z + a.X * b.Y - a.Y * b.X + a.Z * b.W,
                a.W * b.W - a.X * b.X - a.Y * b.Y - a.Z * b.Z);
        }

        /// <summary>A place turned about the origin.</summary>
        public static Position operator *(Rotation turn, Position place)
        {
            var axis = new Position(turn.X, turn.Y, turn.Z);
            Position twice = 2 * Position.Cross(axis, place);
            return place + turn.W * twice + Position.Cross(axis, twice);
        }

        /// <summary>The shortest turn from one direction to another; lengths do not matter.</summary>
        public static Rotation Between(Position from, Position to)
        {
            double lengths = Math.Sqrt(Position.Dot(from, from) * Position.Dot(to, to));
            double w = lengths + Position.Dot(from, to);
            Position axis = Position.Cross(from, to);
            if (w < 1e-6 * lengths) // opposite: half a turn about anything across
            {
                w = 0;
                axis = Position.Cross(from, Math.Abs(from.Y) < Math.Abs(from.X)
                    ? new Position(0, 1, 0) : new Position(1, 0, 0));
            }
            double size = Math.Sqrt(w * w + Position.Dot(axis, axis));
            return size > 0
                ? new Rotation(
                    (float)(axis.X / size), (float)(axis.Y / size), (float)(axis.Z / size), (float)(w / size))
                : Identity;
        }
    }
}
