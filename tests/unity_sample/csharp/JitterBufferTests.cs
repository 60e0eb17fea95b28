using System;
using System.Collections.Generic;

namespace Umo.Tests
{
    static class JitterBufferTests
    {
        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["buffer_sorts"] = _ => Sorts();
            tests["buffer_finds"] = _ => Finds();
            tests["buffer_is_bounded"] = _ => IsBounded();
        }

        /// <summary>Any order, some twice, some lost: what is there comes out once, in order.</summary>
        static void Sorts()
        {
            var random = new Random(1);
            for (int round = 0; round < 200; round++)
            {
                var pool = new FramePool();
                var buffer = new JitterBuffer(pool);
                var sent = new SortedSet<long>();
                int numTwice = 0;
                for (int n = random.Next(1, 300); n > 0; n--)
                {
                    long index = random.Next(200);
                    bool isNew = sent.Add(index);
                    numTwice += isNew ? 0 : 1;
                    Check.Equal(isNew, buffer.Add(Made(pool, index)), "taken");
                }
                Check.Equal((long)numTwice, buffer.NumTwice, "twice");
                Check.Equal(string.Join(" ", sent), Indices(buffer), "order");
                int place = random.Next(buffer.Count);
                long first = buffer[place].Index, last = place > 0 ? buffer[place - 1].Index : -1;
                buffer.DropBefore(place);
                Check.Equal(first, buffer[0].Index, "first");
                Check.Equal(last < 0, buffer.Add(Made(pool, last)), "what is too late");
            }
        }

        static void Finds()
        {
            var pool = new FramePool();
            var buffer = new JitterBuffer(pool);
            // Life, speech, life where the speech ran dry, more of it.
            int[] segments = { 0, 0, 2, 2, 0, 0, 2, 2, 3 };
            double[] pts = { 9, 9.1, 0, 1 / 30.0, 0, 1 / 30.0, 2 / 30.0, 0.1, 0 };
            for (int n = 0; n < segments.Length; n++)
            {
                Frame frame = Made(pool, 100 + n);
                frame.Segment = segments[n];
                frame.PtsSeconds = pts[n];
                buffer.Add(frame);
            }
            Check.Equal(-1, buffer.PlaceAt(99.9), "before all");
            Check.Equal(0, buffer.PlaceAt(100), "at the first");
            Check.Equal(4, buffer.PlaceAt(104.5), "between");
            Check.Equal(8, buffer.PlaceAt(1e9), "behind all");
            Check.Near(102.5, buffer.CursorAt(2, 0.5 / 30), 1e-9, "in speech");
            Check.Near(103.6, buffer.CursorAt(2, 1.6 / 30), 1e-9, "where it ran dry");
            Check.Near(106.5, buffer.CursorAt(2, 2.5 / 30), 1e-9, "behind that");
            Check.Near(107.5, buffer.CursorAt(2, 3.5 / 30), 1e-9, "behind the last");
            Check.True(double.IsNaN(buffer.CursorAt(1, 0)), "a segment that is over");
            Check.True(double.IsNaN(buffer.CursorAt(4, 0)), "a segment to come");
            Check.Equal(107L, buffer.Newest(2).Index, "newest");
            Check.Equal(null, buffer.Newest(4), "none");
            buffer.DropBefore(3);
            Check.Near(102.4, buffer.CursorAt(2, 0.4 / 30), 1e-9, "before the first that is left");
        }

        static void IsBounded()
        {
            var pool = new FramePool();
            var buffer = new JitterBuffer(pool);
            for (int n = 0; n < 18010; n++)
            {
                buffer.Add(Made(pool, n));
            }
            Check.Equal((18000, 10L, 10L), (buffer.Count, buffer.NumOverflown, buffer[0].Index), "bound");
        }

        static string Indices(JitterBuffer buffer)
        {
            var indices = new List<long>();
            for (int place = 0; place < buffer.Count; place++)
            {
                indices.Add(buffer[place].Index);
            }
            return string.Join(" ", indices);
        }

        static Frame Made(FramePool pool, long index)
        {
            Frame frame = pool.Rent();
            frame.Index = index;
            return frame;
        }
    }
}
