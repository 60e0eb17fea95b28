namespace Umo
{
    /// <summary>The server's counters of a character, since it was opened there.</summary>
    public struct ServerStats
    {
        /// <summary>Frames sent.</summary>
        public long Frames;

        /// <summary>Seconds of audio heard.</summary>
        public double AudioSeconds;

        /// <summary>How often a segment ran out of audio before its end.</summary>
        public long Underruns;

        /// <summary>By how much the latest frame was late, seconds.</summary>
        public double LateSeconds;

        /// <summary>Frames left out because the server had too much to do.</summary>
        public long Skipped;
    }
}
