namespace Umo
{
    /// <summary>A place, or a way, in metres.</summary>
    public struct Position
    {
        /// <summary>Sideways.</summary>
        public readonly float X;

        /// <summary>Upwards.</summary>
        public readonly float Y;

        /// <summary>Forwards.</summary>
        public readonly float Z;

        /// <summary>From its coordinates.</summary>
        public Position(float x, float y, float z)
        {
            X = x;
            Y = y;
            Z = z;
        }

        /// <summary>One way after the other.</summary>
        public static Position operator +(Position a, Position b)
        {
            return new Position(a.X + b.X, a.Y + b.Y, a.Z + b.Z);
        }

        /// <summary>The way from <paramref name="b"/> to <paramref name="a"/>.</summary>
        public static Position operator -(Position a, Position b)
        {
            return new Position(a.X - b.X, a.Y - b.Y, a.Z - b.Z);
        }

        /// <summary>A way made longer.</summary>
        public static Position operator *(float scale, Position way)
        {
            return new Position(scale * way.X, scale * way.Y, scale * way.Z);
        }

        internal static double Dot(Position a, Position b)
        {
            return (double)a.X * b.X + (double)a.Y * b.Y + (double)a.Z * b.Z;
        }

        internal static Position Cross(Position a, Position b)
        {
            return new Position(a.Y * b.Z - a.Z * b.Y, a.Z * b.X - a.X * b.Z, a.X * b.Y - a.Y * b.X);
        }
    }
}
