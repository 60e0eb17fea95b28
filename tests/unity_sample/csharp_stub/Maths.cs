using System;

namespace UnityEngine
{
    public struct Vector2
    {
        public float x, y;
        public Vector2(float x, float y) { this.x = x; this.y = y; }
        public float magnitude => (float)Math.Sqrt(x * x + y * y);
        public static Vector2 operator -(Vector2 a, Vector2 b) { return new Vector2(a.x - b.x, a.y - b.y); }
    }

    [Serializable]
    public struct Vector3
    {
        public float x, y, z;
        public Vector3(float x, float y, float z) { this.x = x; this.y = y; this.z = z; }
        public static Vector3 zero => new Vector3(0, 0, 0);
        public static Vector3 one => new Vector3(1, 1, 1);
        public static Vector3 forward => new Vector3(0, 0, 1);
        public static Vector3 right => new Vector3(1, 0, 0);
        public static Vector3 up => new Vector3(0, 1, 0);
        public float magnitude => (float)Math.Sqrt(Dot(this, this));
        public Vector3 normalized => this / Math.Max(1e-12f, magnitude);
        public static Vector3 operator +(Vector3 a, Vector3 b) { return new Vector3(a.x + b.x, a.y + b.y, a.z + b.z); }
        public static Vector3 operator -(Vector3 a, Vector3 b) { return new Vector3(a.x - b.x, a.y - b.y, a.z - b.z); }
        public static Vector3 operator *(float s, Vector3 a) { return new Vector3(s * a.x, s * a.y, s * a.z); }
        public static Vector3 operator *(Vector3 a, float s) { return s * a; }
        public static Vector3 operator /(Vector3 a, float s) { return new Vector3(a.x / s, a.y / s, a.z / s); }
        public static float Dot(Vector3 a, Vector3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
        public static Vector3 Scale(Vector3 a, Vector3 b) { return new Vector3(a.x * b.x, a.y * b.y, a.z * b.z); }
        public static Vector3 Cross(Vector3 a, Vector3 b)
        {
            return new Vector3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
        }
        public override string ToString() { return "(" + x + " " + y + " " + z + ")"; }
    }

    [Serializable]
    public struct Quaternion
    {
        public float x, y, z, w;
        public Quaternion(float x, float y, float z, float w) { this.x = x; this.y = y; this.z = z; this.w = w; }
        public static Quaternion identity => new Quaternion(0, 0, 0, 1);

        public static Quaternion Inverse(Quaternion q) { return new Quaternion(-q.x, -q.y, -q.z, q.w); }

        public static Quaternion AngleAxis(float degrees, Vector3 axis)
        {
            double half = degrees * Math.PI / 360;
            Vector3 part = (float)Math.Sin(half) * axis.normalized;
            return new Quaternion(part.x, part.y, part.z, (float)Math.Cos(half));
        }

        public static Quaternion FromToRotation(Vector3 from, Vector3 to)
        {
            Vector3 axis = Vector3.Cross(from.normalized, to.normalized);
            float w = 1 + Vector3.Dot(from.normalized, to.normalized);
            float length = (float)Math.Sqrt(Vector3.Dot(axis, axis) + w * w);
            return length < 1e-6f ? new Quaternion(1, 0, 0, 0)
                : new Quaternion(axis.x / length, axis.y / length, axis.z / length, w / length);
        }

        public static Quaternion operator *(Quaternion a, Quaternion b)
        {
            return new Quaternion(
                a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
                a.w * b.y + a.y * b.w + a.z * b.x - a.x * b.z,
                a.w * b.z + a.z * b.w + a.x * b.y - a.y * b.x,
                a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z);
        }

        public static Vector3 operator *(Quaternion q, Vector3 v)
        {
            var axis = new Vector3(q.x, q.y, q.z);
            return 2 * Vector3.Dot(axis, v) * axis + (q.w * q.w - Vector3.Dot(axis, axis)) * v
                + 2 * q.w * Vector3.Cross(axis, v);
        }
    }

    public struct Pose { } // its name is also one of ours

    public struct Color
    {
        public float r, g, b;
        public Color(float r, float g, float b) { this.r = r; this.g = g; this.b = b; }
        public static Color black => new Color(0, 0, 0);
    }

    public struct Rect
    {
        public float x, y, width, height;
        public Rect(float x, float y, float width, float height) { this.x = x; this.y = y; this.width = width; this.height = height; }
    }

    public static class Random
    {
        static readonly System.Random _random = new System.Random(1);
        public static float value => (float)_random.NextDouble();
        public static int Range(int least, int end) { return _random.Next(least, end); }
    }

    public static class Mathf
    {
        public const float Rad2Deg = (float)(180 / Math.PI), PI = (float)Math.PI;
        public static float Clamp01(float value) { return Clamp(value, 0, 1); }
        public static float Clamp(float value, float least, float most) { return Math.Max(least, Math.Min(most, value)); }
        public static float Max(float a, float b) { return Math.Max(a, b); }
        public static float Min(float a, float b) { return Math.Min(a, b); }
        public static int Min(int a, int b) { return Math.Min(a, b); }
        public static float Abs(float value) { return Math.Abs(value); }
        public static float Atan2(float y, float x) { return (float)Math.Atan2(y, x); }
        public static float Sin(float value) { return (float)Math.Sin(value); }
    }
}
