namespace Umo
{
    /// <summary>How audio samples travel.</summary>
    public enum SampleFormat
    {
        /// <summary>16-bit integers: half the bytes.</summary>
        S16,

        /// <summary>32-bit floats in -1..1.</summary>
        F32,
    }
}
