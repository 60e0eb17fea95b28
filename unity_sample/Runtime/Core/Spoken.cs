using System;
using System.Collections.Generic;

namespace Umo
{
    /// <summary>What one character was told and has not shown yet: told again when the server comes
    /// back without its memory.</summary>
    internal sealed class Spoken
    {
        sealed class Words
        {
            public IReadOnlyList<string> Texts;
            public IReadOnlyList<double> TimesSeconds;
        }

        /// <summary>One segment, from a sample on.</summary>
        sealed class Segment
        {
            public int Number;

            /// <summary>Bytes of it that are no longer here.</summary>
            public long Start;

            /// <summary>Bytes of it that were said.</summary>
            public long End;

            /// <summary>Where it begins for the server.</summary>
            public double OffsetSeconds;

            /// <summary>Up to where its frames have come.</summary>
            public double HeardSeconds;

            public bool IsEnded;
            public readonly Queue<byte[]> Parts = new Queue<byte[]>();
            public readonly List<Words> Words = new List<Words>();
        }

        const double _frameSeconds = 1 / Wire.FrameRateHz, _mostAheadSeconds = 600;
        const int _mostShown = 4; // frames whose sound is told again, to be known by
        readonly string _stream;
        readonly int _rateHz, _bytesPerSample;
        readonly MessageWriter _writer;
        readonly Direction _direction = new Direction();
        readonly List<Segment> _segments = new List<Segment>();
        readonly Showing _showing = new Showing();
        readonly float[] _pose = new float[Pose.NumValues];
        Segment _over; // the one that ended last: frames of its tail may follow
        long _nextIndex, _firstIndex;
        bool _hasPose;

        /// <param name="stream">Name of the character.</param>
        /// <param name="rateHz">Of its audio.</param>
        /// <param name="bytesPerSample">Of its audio, 2 or 4.</param>
        /// <param name="writer">Makes the messages.</param>
        public Spoken(string stream, int rateHz, int bytesPerSample, MessageWriter writer)
        {
            _stream = stream;
            _rateHz = rateHz;
            _bytesPerSample = bytesPerSample;
            _writer = writer;
        }

        #region What it is told

        public void Direct(Direction direction)
        {
            _direction.Add(direction);
        }

        public void Audio(int segment, byte[] samples)
        {
            Segment told = Begun(segment);
            told.Parts.Enqueue(samples);
            told.End += samples.Length;
        }

        public void Text(int segment, IReadOnlyList<string> words, IReadOnlyList<double> timesSeconds)
        {
            Begun(segment).Words.Add(new Words { Texts = words, TimesSeconds = timesSeconds });
        }

        public void End(int segment)
        {
            Begun(segment).IsEnded = true;
        }

        public void Clear()
        {
            _segments.Clear();
            _showing.Clear();
        }

        /// <summary>The sound is there.</summary>
        public void Played(int segment, double positionSeconds, double nowSeconds)
        {
            _showing.Correct(segment, positionSeconds, nowSeconds);
        }

        /// <summary>A position in a segment, in the server's times.</summary>
        public double ServerSeconds(int segment, double positionSeconds)
        {
            Segment told = Find(segment);
            return Math.Max(0, positionSeconds - (told == null ? 0 : told.OffsetSeconds));
        }

        #endregion

        #region What comes back

        /// <summary>Put a frame on the lines of the client's own numbers and times.</summary>
        /// <returns>False if it has come before.</returns>
        public bool Heard(Frame frame, double nowSeconds)
        {
            Segment segment = Find(frame.Segment);
            if (segment == null && _over != null && _over.Number == frame.Segment)
            {
                segment = _over;
            }
            if (segment != null)
            {
                frame.PtsSeconds += segment.OffsetSeconds;
                if (frame.PtsSeconds < segment.HeardSeconds - _frameSeconds / 2)
                {
                    _firstIndex--; // the server did not know `stand`
                    return false;
                }
                LetGo(segment, frame.PtsSeconds + _frameSeconds);
            }
            frame.Index += _firstIndex;
            _nextIndex = Math.Max(_nextIndex, frame.Index + 1);
            Array.Copy(frame.Values, _pose, Pose.NumValues);
            _hasPose = true;
            _showing.Add(frame, nowSeconds);
            return true;
        }

        void LetGo(Segment segment, double heardSeconds)
        {
            segment.HeardSeconds = heardSeconds;
            long place = Place(heardSeconds - _mostShown * _frameSeconds);
            while (segment.Parts.Count > 0 && segment.Start + segment.Parts.Peek().Length <= place)
            {
                segment.Start += segment.Parts.Dequeue().Length;
            }
        }

        /// <summary>A segment is over; returns its whole duration in seconds.</summary>
        public double Ended(int segment, double durationSeconds)
        {
            Segment ended = Find(segment);
            if (ended == null)
            {
                return durationSeconds;
            }
            _segments.Remove(ended);
            _over = ended;
            return durationSeconds + ended.OffsetSeconds;
        }

        #endregion

        /// <summary>What a server that knows nothing must be told, after it was told to open.</summary>
        public void Again(Action<byte[]> send, double nowSeconds)
        {
            _firstIndex = _nextIndex;
            int shown = 0;
            foreach (Segment segment in _segments)
            {
                shown = Math.Max(shown, BeginAgain(segment));
            }
            if (_hasPose)
            {
                double ahead = Math.Min(_mostAheadSeconds, _showing.AheadSeconds(nowSeconds));
                send(_writer.Stand(_stream, shown, ahead, _pose));
            }
            if (_direction.Count > 0)
            {
                send(_writer.Control(_stream, _direction));
            }
            foreach (Segment segment in _segments)
            {
                Say(segment, send);
            }
        }

        /// <summary>Choose where a segment begins for another server; returns how many frames behind
        /// that have come.</summary>
        int BeginAgain(Segment segment)
        {
            int shown = (int)Math.Min(_mostShown, segment.HeardSeconds / _frameSeconds + 0.01);
            long place = Place(Math.Max(0, segment.HeardSeconds - shown * _frameSeconds));
            if (place >= segment.End) // it is over to its last frames
            {
                shown = 0;
                place = Place(segment.HeardSeconds);
            }
            segment.OffsetSeconds = (double)place / _bytesPerSample / _rateHz;
            return shown;
        }

        void Say(Segment segment, Action<byte[]> send)
        {
            SayWords(segment, send);
            bool isSaid = SayAudio(segment, Place(segment.OffsetSeconds), send);
            if (segment.IsEnded)
            {
                if (!isSaid)
                {
                    send(_writer.Audio(_stream, segment.Number, new byte[0], 0, 0));
                }
                send(_writer.End(_stream, segment.Number));
            }
        }

        bool SayAudio(Segment segment, long place, Action<byte[]> send)
        {
            bool isSaid = false;
            long start = segment.Start;
            foreach (byte[] part in segment.Parts)
            {
                int passed = (int)Math.Min(part.Length, Math.Max(0, place - start));
                if (passed < part.Length)
                {
                    send(_writer.Audio(
                        _stream, segment.Number, part, passed, part.Length - passed));
                    isSaid = true;
                }
                start += part.Length;
            }
            return isSaid;
        }

        /// <summary>Words that are still to come, at times since where the segment begins now.
        /// </summary>
        void SayWords(Segment segment, Action<byte[]> send)
        {
            foreach (Words words in segment.Words)
            {
                var texts = new List<string>();
                var times = new List<double>();
                bool isTimed = words.TimesSeconds.Count > 0;
                for (int n = 0; n < words.Texts.Count; n++)
                {
                    double time = isTimed ? words.TimesSeconds[n] - segment.OffsetSeconds : 0;
                    if (isTimed ? time >= 0 : segment.OffsetSeconds == 0)
                    {
                        texts.Add(words.Texts[n]);
                        times.Add(time);
                    }
                }
                if (texts.Count > 0)
                {
                    times = isTimed ? times : new List<double>();
                    send(_writer.Words(_stream, segment.Number, texts, times));
                }
            }
        }

        Segment Find(int number)
        {
            for (int n = 0; n < _segments.Count; n++)
            {
                if (_segments[n].Number == number)
                {
                    return _segments[n];
                }
            }
            return null;
        }

        Segment Begun(int number)
        {
            Segment segment = Find(number);
            if (segment == null)
            {
                segment = new Segment { Number = number };
                _segments.Add(segment);
            }
            return segment;
        }

        /// <summary>The byte at which a time of a segment begins.</summary>
        long Place(double seconds)
        {
            return (long)Math.Round(seconds * _rateHz) * _bytesPerSample;
        }
    }
}
