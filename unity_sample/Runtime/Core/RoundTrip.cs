using System;

namespace Umo
{
    /// <summary>The shortest of the last times there and back: what the network takes at best.
    /// </summary>
    internal sealed class RoundTrip
    {
        readonly double[] _seconds = new double[8];
        int _count;

        /// <summary>0 before the first.</summary>
        public double Seconds { get; private set; }

        /// <summary>One was measured; NaN is none.</summary>
        public void Add(double seconds)
        {
            if (double.IsNaN(seconds))
            {
                return;
            }
            _seconds[_count++ % _seconds.Length] = seconds;
            Seconds = seconds;
            for (int n = 0; n < Math.Min(_count, _seconds.Length); n++)
            {
                Seconds = Math.Min(Seconds, _seconds[n]);
            }
        }
    }
}
