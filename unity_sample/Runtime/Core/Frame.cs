namespace Umo
{
    /// <summary>A frame as it came; reused.</summary>
    internal sealed class Frame
    {
        /// <summary>Whose pose it is.</summary>
        public string Stream;

        /// <summary>Number of the frame in its stream.</summary>
        public long Index;

        /// <summary>What is said, 0 while the character only lives.</summary>
        public int Segment;

        /// <summary>Time in the segment.</summary>
        public double PtsSeconds;

        /// <summary>When it came.</summary>
        public double ArrivedSeconds;

        /// <summary>Which life of the server it is of: between two of them motion may jump.</summary>
        public int Epoch;

        /// <summary>The pose.</summary>
        public readonly float[] Values = new float[Pose.NumValues];
    }
}
