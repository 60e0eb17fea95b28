using System;
using System.Collections.Generic;

namespace Umo
{
    /// <summary>When speech that has come is shown: a segment from its first frame on, once those
    /// before it are over, until the sound says otherwise.</summary>
    internal sealed class Showing
    {
        const int _mostSegments = 64;
        readonly Dictionary<int, double> _beganAt = new Dictionary<int, double>();
        double _endsAt;

        /// <summary>A frame has come.</summary>
        public void Add(Frame frame, double nowSeconds)
        {
            if (frame.Segment == Wire.NoSegment)
            {
                return;
            }
            double beganAt;
            if (!_beganAt.TryGetValue(frame.Segment, out beganAt))
            {
                beganAt = Math.Max(nowSeconds, _endsAt) - frame.PtsSeconds;
                _beganAt[frame.Segment] = beganAt;
                _beganAt.Remove(frame.Segment - _mostSegments);
            }
            _endsAt = beganAt + frame.PtsSeconds + 1 / Wire.FrameRateHz;
        }

        /// <summary>The sound is there.</summary>
        public void Correct(int segment, double positionSeconds, double nowSeconds)
        {
            double beganAt;
            if (_beganAt.TryGetValue(segment, out beganAt))
            {
                _endsAt += nowSeconds - positionSeconds - beganAt;
                _beganAt[segment] = nowSeconds - positionSeconds;
            }
        }

        /// <summary>Seconds of what has come that are still to be shown.</summary>
        public double AheadSeconds(double nowSeconds)
        {
            return Math.Max(0, _endsAt - nowSeconds);
        }

        public void Clear()
        {
            _beganAt.Clear();
            _endsAt = 0;
        }
    }
}
