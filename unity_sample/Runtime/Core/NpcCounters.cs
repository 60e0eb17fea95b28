namespace Umo
{
    /// <summary>What happened to the frames of a character on their way, since it was opened.</summary>
    public struct NpcCounters
    {
        /// <summary>Frames that came.</summary>
        public long Frames;

        /// <summary>Frames that came when later ones had been shown.</summary>
        public long Late;

        /// <summary>Frames that came twice.</summary>
        public long Twice;

        /// <summary>Frames that were dropped because ten minutes of others waited.</summary>
        public long Overflown;

        /// <summary>How often frames were missing for more than 0.1 s.</summary>
        public long Underruns;
    }
}
