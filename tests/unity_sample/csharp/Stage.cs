using System;
using System.Collections.Generic;

namespace Umo.Tests
{
    /// <summary>A player, a clock, and frames on their way to it.</summary>
    /// <remarks>The hips of a frame move along x by 1 m a second, so that a pose tells its time; the
    /// face is at 1.</remarks>
    sealed class Stage
    {
        public const double Step = 1 / 60.0;
        readonly FramePool _pool = new FramePool();
        readonly List<Frame> _coming = new List<Frame>();
        readonly Pose _pose = new Pose();
        public readonly PosePlayer Player;
        public double Now;

        public Stage(bool isPaced = false)
        {
            Player = new PosePlayer(_pool, isPaced, 0.1);
        }

        /// <summary>Let a frame arrive at a time; <paramref name="x"/> is its place.</summary>
        public void Send(double at, long index, int segment = 0, double pts = 0, double? x = null)
        {
            Frame frame = _pool.Rent();
            new Pose().Values.CopyTo(frame.Values, 0);
            frame.Index = index;
            frame.Segment = segment;
            frame.PtsSeconds = pts;
            frame.ArrivedSeconds = at;
            frame.Values[Pose.HipsAt] = (float)(x ?? index / 30.0);
            frame.Values[Pose.BlendshapesAt] = 1;
            _coming.Add(frame);
        }

        /// <summary>Frames of life, sent when they are due.</summary>
        public void Life(double from, long first, int count, Func<double> delay)
        {
            for (int n = 0; n < count; n++)
            {
                Send(from + n / 30.0 + delay(), first + n);
            }
        }

        /// <summary>Frames of a segment, all at once.</summary>
        public void Speech(double at, long first, int count, int segment)
        {
            for (int n = 0; n < count; n++)
            {
                Send(at, first + n, segment, n / 30.0);
            }
        }

        /// <summary>The next picture: where the hips are; NaN before the first frame.</summary>
        public double Next()
        {
            Now += Step;
            for (int n = 0; n < _coming.Count; n++)
            {
                if (_coming[n].ArrivedSeconds <= Now)
                {
                    Player.Add(_coming[n]);
                    _coming.RemoveAt(n--);
                }
            }
            return Player.Sample(Now, _pose) ? _pose.Hips.X : double.NaN;
        }

        public double Face => _pose.Blendshape(0);

        /// <summary>Pictures for some seconds, each at most so far from the one before.</summary>
        public double Run(double seconds, double mostStep, double leastStep = -1e-6)
        {
            double last = Next();
            for (double end = Now + seconds - 1.5 * Step; Now < end;)
            {
                double x = Next();
                bool isSmooth = double.IsNaN(last) || (x - last <= mostStep && x - last >= leastStep);
                Check.True(isSmooth, "at " + Now + " s from " + last + " to " + x);
                last = x;
            }
            return last;
        }
    }
}
