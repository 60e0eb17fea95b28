using System;
using System.Collections.Generic;

namespace Umo
{
    /// <summary>Plays what a character says in step with its motion.</summary>
    /// <remarks>
    /// A segment begins to sound once 0.15 s of its motion are there. Sound never runs ahead of motion:
    /// where that is missing it waits, but not for longer than a game's patience. For the thread that
    /// calls <see cref="UmoClient.Poll"/>; only <see cref="Sound"/> is for the audio thread, too.
    /// </remarks>
    public sealed class SpeechPlayback : IDisposable
    {
        const double _startSeconds = 0.15, _leastSeconds = 0.03;
        const double _deafSeconds = 0.25; // without the audio thread: there is no device, or no voice

        sealed class Segment
        {
            public int Number;
            public long From, To; // samples of the sound
            public bool IsSaid, HasAllMotion;
        }

        readonly List<Segment> _segments = new List<Segment>();
        readonly SoundPlayhead _playhead = new SoundPlayhead();
        double _last = double.NaN, _waited, _heardBlockAt;
        int _numBlocks;
        int _sounding; // number of the segment that is read
        bool _isPlaying;

        /// <param name="npc">Who speaks.</param>
        public SpeechPlayback(Npc npc)
        {
            Npc = npc;
            Sound = new SpeechSound(npc.RateHz);
            npc.Ended += TakeEnded;
        }

        /// <summary>A segment was heard to its end.</summary>
        public event Action<int> Finished;

        /// <summary>Who speaks.</summary>
        public Npc Npc { get; }

        /// <summary>For the audio thread.</summary>
        public SpeechSound Sound { get; }

        /// <summary>How long the sound waits for motion before it begins, or goes on, without.</summary>
        public double PatienceSeconds { get; set; } = 1;

        /// <summary>Whether something was said that was not heard to its end.</summary>
        public bool IsSpeaking => _segments.Count > 0;

        /// <summary>The segment that sounds, or waits to; 0: none.</summary>
        public int HeardSegment => _segments.Count > 0 ? _segments[0].Number : 0;

        /// <summary>How much of <see cref="HeardSegment"/> was heard.</summary>
        public double HeardSeconds =>
            _segments.Count > 0 ? Math.Max(0, _playhead.Seconds - Seconds(_segments[0].From)) : 0;

        /// <summary>Push speech of the current segment; begins one where there is none.</summary>
        /// <returns>The segment's number.</returns>
        /// <exception cref="UmoException">"audio": samples are not finite; "closed".</exception>
        public int Say(float[] samples, int offset, int count)
        {
            int number = Npc.Say(samples, offset, count);
            if (count > 0)
            {
                if (_segments.Count == 0 || _segments[_segments.Count - 1].Number != number)
                {
                    _segments.Add(new Segment { Number = number, From = Sound.Added });
                }
                Sound.Add(samples, offset, count);
                _segments[_segments.Count - 1].To = Sound.Added;
            }
            return number;
        }

        /// <summary>The current segment is complete.</summary>
        public void End()
        {
            Npc.End();
            if (_segments.Count > 0)
            {
                _segments[_segments.Count - 1].IsSaid = true;
            }
        }

        /// <summary>Stop the sound and close the mouth.</summary>
        /// <returns>How much of <see cref="HeardSegment"/> was heard, seconds.</returns>
        public double Interrupt()
        {
            double heard = HeardSeconds;
            if (!Npc.IsClosed)
            {
                Npc.Clear();
            }
            Sound.Clear();
            _segments.Clear();
            _playhead.Cut(Seconds(Sound.NumRead));
            _isPlaying = false;
            _waited = 0;
            return heard;
        }

        /// <summary>Stop, for good.</summary>
        public void Dispose()
        {
            Interrupt();
            Npc.Ended -= TakeEnded;
        }

        /// <summary>Time has passed; call it for every picture, between
        /// <see cref="UmoClient.Poll"/> and <see cref="Umo.Npc.Sample"/>.</summary>
        /// <param name="nowSeconds">Of a clock that does not stop with the game's.</param>
        /// <param name="latencySeconds">From the audio thread to the loudspeaker.</param>
        public void Update(double nowSeconds, double latencySeconds)
        {
            double passed = double.IsNaN(_last) ? 0 : Math.Max(0, nowSeconds - _last);
            _last = nowSeconds;
            Listen(nowSeconds, passed);
            double heard = _playhead.Update(nowSeconds, Seconds(Sound.NumRead), latencySeconds);
            Finish(heard);
            if (_segments.Count > 0)
            {
                Segment first = _segments[0];
                if (Sound.NumRead > first.From)
                {
                    Npc.SetPlayhead(first.Number, HeardSeconds);
                }
                Allow(passed);
            }
        }

        /// <summary>Where the audio thread does not come, time alone moves the sound on.</summary>
        void Listen(double nowSeconds, double passed)
        {
            int numBlocks = Sound.NumBlocks;
            _heardBlockAt = numBlocks != _numBlocks || Sound.IsPaused || passed == 0 ? nowSeconds : _heardBlockAt;
            _numBlocks = numBlocks;
            if (nowSeconds - _heardBlockAt > _deafSeconds)
            {
                Sound.Skip((long)Math.Round(passed * Sound.RateHz));
            }
        }

        void Finish(double heard)
        {
            while (_segments.Count > 0 && _segments[0].IsSaid && heard >= Seconds(_segments[0].To))
            {
                int number = _segments[0].Number;
                _segments.RemoveAt(0);
                Npc.Finish(number);
                if (Finished != null)
                {
                    Finished(number);
                }
            }
        }

        /// <summary>Let the sound run as far as there is motion.</summary>
        void Allow(double passed)
        {
            Segment next = Sounding();
            long read = Math.Max(next.From, Sound.NumRead);
            double buffered = Npc.BufferedSeconds(next.Number, Seconds(read - next.From));
            bool isThere = next.HasAllMotion || buffered >= (_isPlaying ? _leastSeconds : _startSeconds);
            _waited = isThere || Sound.IsPaused || read >= next.To ? 0 : _waited + passed;
            bool isEnough = next.HasAllMotion || _waited > PatienceSeconds;
            _isPlaying = isThere || isEnough;
            Sound.Allowed = !_isPlaying ? read
                : isEnough ? next.To : read + (long)(buffered * Sound.RateHz);
        }

        /// <summary>The segment that is read, which is ahead of the one that is heard.</summary>
        Segment Sounding()
        {
            int place = 0;
            while (place + 1 < _segments.Count && Sound.NumRead >= _segments[place].To)
            {
                place++;
            }
            Segment found = _segments[place];
            if (found.Number != _sounding)
            {
                _sounding = found.Number;
                _isPlaying = false;
                _waited = 0;
            }
            return found;
        }

        double Seconds(long samples)
        {
            return (double)samples / Sound.RateHz;
        }

        void TakeEnded(int segment, double seconds)
        {
            foreach (Segment each in _segments)
            {
                each.HasAllMotion |= each.Number == segment;
            }
        }
    }
}
