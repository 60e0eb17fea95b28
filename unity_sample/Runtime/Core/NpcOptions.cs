namespace Umo
{
    /// <summary>How a character is brought to life.</summary>
    public sealed class NpcOptions
    {
        /// <summary>Rate of its audio, 8000 to 192000 samples a second.</summary>
        public int RateHz { get; set; } = 16000;

        /// <summary>How its audio travels.</summary>
        public SampleFormat Format { get; set; } = SampleFormat.S16;

        /// <summary>The same seed gives the same motion; null: from the name.</summary>
        public uint? Seed { get; set; }

        /// <summary>Speech is sent as it falls due, and shown so: for a game that does not play the
        /// sound itself and calls no <see cref="Npc.SetPlayhead"/>.</summary>
        public bool IsPaced { get; set; }

        /// <summary>How many seconds life between speech is shown behind its arrival, against an
        /// uneven network; more than 0.</summary>
        public double DelaySeconds { get; set; } = 0.1;
    }
}
