namespace Umo
{
    /// <summary>Sizes and limits of the native protocol, version 1 (docs/wire_protocol.md).</summary>
    internal static class Wire
    {
        public const int Version = 1;
        public const int PrefixBytes = 6;
        public const int MostRecordBytes = 0xffff;
        public const int MostMessageBytes = 1 << 20;
        public const int MostAudioBytes = 1 << 18;
        public const int MostNameLetters = 64;
        public const int NoSegment = 0;
        public const double FrameRateHz = 30;
    }
}
