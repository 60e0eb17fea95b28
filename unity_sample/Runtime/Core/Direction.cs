using System.Collections.Generic;

namespace Umo
{
    /// <summary>What a character is told from now on; what is null stays as it was.</summary>
    public sealed class Direction
    {
        /// <summary>0 nearly still, 0.5 as people talk, 1 lively.</summary>
        public double? Calmness { get; set; }

        /// <summary>"neutral", "joy", "anger" or "sadness".</summary>
        public string Emotion { get; set; }

        /// <summary>How much of the emotion, 0 to 1.</summary>
        public double? Intensity { get; set; }

        /// <summary>"speaking", "listening" or "idle".</summary>
        public string State { get; set; }

        /// <summary>Where to look: degrees to the character's left, and up; empty: freely.</summary>
        public IReadOnlyList<double> GazeDegrees { get; set; }

        /// <summary>How many things are told.</summary>
        internal int Count =>
            (Calmness != null ? 1 : 0) + (Emotion != null ? 1 : 0) + (Intensity != null ? 1 : 0) +
            (State != null ? 1 : 0) + (GazeDegrees != null ? 1 : 0);

        /// <summary>Take over what another one tells.</summary>
        internal void Add(Direction later)
        {
            Calmness = later.Calmness ?? Calmness;
            Emotion = later.Emotion ?? Emotion;
            Intensity = later.Intensity ?? Intensity;
            State = later.State ?? State;
            GazeDegrees = later.GazeDegrees ?? GazeDegrees;
        }
    }
}
