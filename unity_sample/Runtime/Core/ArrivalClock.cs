using System;

namespace Umo
{
    /// <summary>When frames that are sent as they fall due should be shown.</summary>
    /// <remarks>
    /// The frame that was least delayed on its way tells the offset between the two clocks; it is
    /// forgotten after 5 to 10 s, so that a drift is followed. A pong says nothing of the server's
    /// clock, and frames of speech follow the sound instead.
    /// </remarks>
    internal sealed class ArrivalClock
    {
        const double _windowSeconds = 5;
        double _present, _past, _beganAt;

        public ArrivalClock()
        {
            Reset();
        }

        /// <summary>Whether anything has come.</summary>
        public bool IsSet => !double.IsInfinity(Math.Min(_present, _past));

        public void Reset()
        {
            _present = _past = double.PositiveInfinity;
            _beganAt = double.NegativeInfinity;
        }

        /// <summary>Something of a time of the server's came at a time of ours.</summary>
        public void Observe(double serverSeconds, double arrivedSeconds)
        {
            if (arrivedSeconds - _beganAt > _windowSeconds)
            {
                _past = _present;
                _present = double.PositiveInfinity;
                _beganAt = arrivedSeconds;
            }
            _present = Math.Min(_present, arrivedSeconds - serverSeconds);
        }

        /// <summary>What the server sends at a time of ours, were there no delay.</summary>
        public double ServerSeconds(double nowSeconds)
        {
            return nowSeconds - Math.Min(_present, _past);
        }
    }
}
