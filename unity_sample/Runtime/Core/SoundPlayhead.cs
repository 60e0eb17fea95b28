using System;

namespace Umo
{
    /// <summary>What is heard at this moment, evenly, of a sound that is read in blocks.</summary>
    /// <remarks>It goes at the pace of time, a little faster or slower towards what was read less the
    /// time to the loudspeaker; never backwards, and never beyond what was read.</remarks>
    public sealed class SoundPlayhead
    {
        const double _catchUpSeconds = 0.25, _mostCatchUp = 0.5, _mostBehindSeconds = 0.25;
        double _last = double.NaN, _read;
        bool _isStanding = true;

        /// <summary>Seconds of the sound that were heard.</summary>
        public double Seconds { get; private set; }

        /// <summary>Time has passed.</summary>
        /// <param name="nowSeconds">Of the game's clock.</param>
        /// <param name="readSeconds">Of the sound, read until now.</param>
        /// <param name="latencySeconds">From there to the loudspeaker.</param>
        /// <returns><see cref="Seconds"/>.</returns>
        public double Update(double nowSeconds, double readSeconds, double latencySeconds)
        {
            double passed = double.IsNaN(_last) ? 0 : Math.Max(0, nowSeconds - _last);
            double behind = readSeconds - latencySeconds - Seconds;
            bool isRead = readSeconds != _read;
            _last = nowSeconds;
            _read = readSeconds;
            _isStanding &= behind <= 0;
            if (!_isStanding)
            {
                Seconds = Math.Min(readSeconds, Seconds + Step(passed, isRead ? behind - passed : 0));
                _isStanding = Seconds >= readSeconds;
            }
            return Seconds;
        }

        /// <summary>The sound was cut off here.</summary>
        public void Cut(double readSeconds)
        {
            Seconds = _read = readSeconds;
            _isStanding = true;
        }

        static double Step(double passed, double behind)
        {
            if (behind > _mostBehindSeconds)
            {
                return passed + behind;
            }
            double catchUp = Math.Max(-_mostCatchUp, Math.Min(_mostCatchUp, behind / _catchUpSeconds));
            return passed * (1 + catchUp);
        }
    }
}
