using System;

namespace Umo
{
    /// <summary>Frames that wait to be shown, in the order of their numbers.</summary>
    /// <remarks>For one thread. They may come late, twice, in any order or not at all.</remarks>
    internal sealed class JitterBuffer
    {
        const int _mostFrames = 600 * (int)Wire.FrameRateHz; // as much speech as a server takes
        readonly FramePool _pool;
        Frame[] _ring = new Frame[64];
        int _start;
        long _oldest = long.MinValue; // what comes from before is too late

        /// <param name="pool">Where frames go back to.</param>
        public JitterBuffer(FramePool pool)
        {
            _pool = pool;
        }

        /// <summary>Frames that wait.</summary>
        public int Count { get; private set; }

        /// <summary>Frames that came when a later one had been shown.</summary>
        public long NumLate { get; private set; }

        /// <summary>Frames that were there already.</summary>
        public long NumTwice { get; private set; }

        /// <summary>Frames that waited for ten minutes and more behind others, and were dropped.
        /// </summary>
        public long NumOverflown { get; private set; }

        /// <summary>The frame at a place, 0 the first.</summary>
        public Frame this[int place] => _ring[(_start + place) % _ring.Length];

        /// <summary>Take a frame in; false if it is of no use.</summary>
        public bool Add(Frame frame)
        {
            int place = Count;
            while (place > 0 && this[place - 1].Index > frame.Index)
            {
                place--;
            }
            bool isTwice = place > 0 && this[place - 1].Index == frame.Index;
            bool isLate = frame.Index < _oldest;
            NumTwice += isTwice ? 1 : 0;
            NumLate += isLate ? 1 : 0;
            if (isTwice || isLate)
            {
                _pool.Return(frame);
                return false;
            }
            Insert(frame, place);
            if (Count > _mostFrames)
            {
                NumOverflown++;
                DropBefore(1);
            }
            return true;
        }

        /// <summary>The place of the last frame that is due; -1 if none is.</summary>
        /// <param name="cursor">In frames: the number of one, and a part of the way to the next.
        /// </param>
        public int PlaceAt(double cursor)
        {
            int low = 0, high = Count;
            while (low < high)
            {
                int middle = (low + high) / 2;
                if (this[middle].Index <= cursor)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }
            return low - 1;
        }

        /// <summary>Where a time of a segment is, in frames; NaN if no frame of it waits.</summary>
        public double CursorAt(int segment, double ptsSeconds)
        {
            Frame before = null, after = null;
            for (int place = 0; place < Count && after == null; place++)
            {
                Frame frame = this[place];
                if (frame.Segment == segment && frame.PtsSeconds <= ptsSeconds)
                {
                    before = frame;
                }
                else if (frame.Segment >= segment) // of it and later, or of those behind it
                {
                    after = frame;
                }
            }
            Frame near = before ?? after;
            return near == null || near.Segment != segment
                ? double.NaN : near.Index + (ptsSeconds - near.PtsSeconds) * Wire.FrameRateHz;
        }

        /// <summary>The newest frame of a segment; null if none waits.</summary>
        public Frame Newest(int segment)
        {
            int place = Count - 1;
            while (place >= 0 && this[place].Segment != segment)
            {
                place--;
            }
            return place < 0 ? null : this[place];
        }

        /// <summary>Let go of the frames before a place.</summary>
        public void DropBefore(int place)
        {
            for (; place > 0; place--)
            {
                _oldest = this[0].Index + 1;
                _pool.Return(_ring[_start]);
                _ring[_start] = null;
                _start = (_start + 1) % _ring.Length;
                Count--;
            }
        }

        /// <summary>Let go of all.</summary>
        public void Clear()
        {
            DropBefore(Count);
            _oldest = long.MinValue;
        }

        void Insert(Frame frame, int place)
        {
            if (Count == _ring.Length)
            {
                Grow();
            }
            for (int at = Count; at > place; at--)
            {
                _ring[(_start + at) % _ring.Length] = this[at - 1];
            }
            _ring[(_start + place) % _ring.Length] = frame;
            Count++;
        }

        void Grow()
        {
            var ring = new Frame[2 * _ring.Length];
            for (int place = 0; place < Count; place++)
            {
                ring[place] = this[place];
            }
            _ring = ring;
            _start = 0;
        }
    }
}
