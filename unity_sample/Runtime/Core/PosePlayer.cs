using System;

namespace Umo
{
    /// <summary>Shows the frames of one character: speech at the playhead of its sound, life as it
    /// comes, evenly.</summary>
    /// <remarks>
    /// All frames of a stream lie on one line, by their numbers, and a cursor runs along it: where
    /// the sound is while it plays, else at the pace of time, a little behind what has arrived. It
    /// does not run into speech that has not begun to sound. Where frames are missing the last one is
    /// held, and then the face relaxes; nothing is extrapolated. Where motion would jump, the pose
    /// that was shown is blended into the new one. For one thread.
    /// </remarks>
    internal sealed class PosePlayer
    {
        const double _holdSeconds = 0.1; // without frames, then the face relaxes
        const double _relaxSeconds = 0.3;
        const double _blendSeconds = 0.2; // over what would be a jump
        const double _jumpFrames = 3;
        const double _mostCatchUp = 0.1; // of the pace
        const double _catchUpSeconds = 0.5; // in which most of a distance is made up
        const double _mostBehindSeconds = 1; // more is skipped
        const double _brakeSeconds = 0.1; // before speech, which may not begin to sound at once
        const double _stillSeconds = 0.1; // a playhead that stands so long does not lead
        readonly JitterBuffer _buffer;
        readonly ArrivalClock _clock = new ArrivalClock();
        readonly bool _isPaced;
        readonly double _delaySeconds;
        readonly float[] _shown = new float[Pose.NumValues];
        readonly float[] _output = new float[Pose.NumValues];
        readonly float[] _from = new float[Pose.NumValues];
        double _cursor = double.NaN, _sampledAt = double.NaN, _movedAt = double.NegativeInfinity;
        double _positionSeconds, _starvedSeconds, _blendLeft, _face = 1;
        int _segment, _finished, _epoch, _shownEpoch;
        bool _isTold, _hasShown;

        /// <param name="pool">Where frames come from and go to.</param>
        /// <param name="isPaced">Speech comes as it falls due, too.</param>
        /// <param name="delaySeconds">How far behind its arrival life is shown, against jitter.
        /// </param>
        public PosePlayer(FramePool pool, bool isPaced, double delaySeconds)
        {
            _buffer = new JitterBuffer(pool);
            _isPaced = isPaced;
            _delaySeconds = delaySeconds;
        }

        /// <summary>What waits.</summary>
        public JitterBuffer Buffer => _buffer;

        /// <summary>How often frames were missing.</summary>
        public long NumUnderruns { get; private set; }

        /// <summary>Take in a frame, which is this object's from now on.</summary>
        public void Add(Frame frame)
        {
            frame.Epoch = _epoch;
            double arrived = frame.ArrivedSeconds, sent = frame.Index / Wire.FrameRateHz;
            bool isDue = IsDue(frame);
            if (_buffer.Add(frame) && isDue)
            {
                _clock.Observe(sent, arrived);
            }
        }

        /// <summary>What is heard at this moment.</summary>
        public void SetPlayhead(int segment, double positionSeconds, double nowSeconds)
        {
            bool isMoving = segment != _segment || positionSeconds != _positionSeconds;
            _movedAt = isMoving ? nowSeconds : _movedAt;
            _isTold = nowSeconds - _movedAt < _stillSeconds;
            _segment = segment;
            _positionSeconds = positionSeconds;
            Finish(segment - 1);
        }

        /// <summary>All of a segment was heard: its last frames and life go on by themselves.
        /// </summary>
        public void Finish(int segment)
        {
            _finished = Math.Max(_finished, segment);
        }

        /// <summary>Forget what waits; the pose stays until more comes.</summary>
        public void Clear()
        {
            _buffer.Clear();
            _cursor = double.NaN;
            _isTold = false;
            _starvedSeconds = 0;
            Break();
        }

        /// <summary>Frames that come from now on need not follow on those before.</summary>
        public void Break()
        {
            _epoch++;
            _clock.Reset();
        }

        /// <summary>Seconds of a segment that can be shown from a position on.</summary>
        public double BufferedSeconds(int segment, double positionSeconds)
        {
            Frame newest = _buffer.Newest(segment);
            return newest == null
                ? 0 : Math.Max(0, newest.PtsSeconds + 1 / Wire.FrameRateHz - positionSeconds);
        }

        /// <summary>The pose of this moment; false if nothing has come yet.</summary>
        public bool Sample(double nowSeconds, Pose pose)
        {
            double passed = double.IsNaN(_sampledAt) ? 0 : Math.Max(0, nowSeconds - _sampledAt);
            _sampledAt = nowSeconds;
            if (_buffer.Count > 0)
            {
                Move(nowSeconds, passed);
            }
            if (_buffer.Count > 0)
            {
                Show(passed);
            }
            else
            {
                Starve(passed);
            }
            if (_hasShown)
            {
                Render(passed);
                Array.Copy(_output, pose.Values, Pose.NumValues);
            }
            return _hasShown;
        }

        bool IsDue(Frame frame)
        {
            return _isPaced || frame.Segment == Wire.NoSegment;
        }

        #region Where to be

        void Move(double nowSeconds, double passed)
        {
            double before = _cursor + passed * Wire.FrameRateHz;
            double cursor = _isTold ? _buffer.CursorAt(_segment, _positionSeconds) : double.NaN;
            _isTold = false;
            _cursor = double.IsNaN(cursor) ? Run(nowSeconds, passed) : cursor;
            if (Math.Abs(_cursor - before) > _jumpFrames)
            {
                Blend();
            }
        }

        /// <summary>Go on at the pace of time, a little faster or slower towards what is due.</summary>
        double Run(double nowSeconds, double passed)
        {
            double due = _clock.IsSet
                ? (_clock.ServerSeconds(nowSeconds) - _delaySeconds) * Wire.FrameRateHz
                : _buffer[0].Index;
            double behind = (due - _cursor) / Wire.FrameRateHz;
            bool isSpeechNext;
            double end = End(out isSpeechNext);
            if (double.IsNaN(_cursor))
            {
                return Math.Min(due, end);
            }
            if (behind > _mostBehindSeconds)
            {
                return Math.Min(due, Math.Max(end, _cursor));
            }
            double pace = 1 + Clamp(behind / _catchUpSeconds, -_mostCatchUp, _mostCatchUp);
            double left = Math.Max(0, end - _cursor);
            double most = isSpeechNext ? left * Math.Min(1, passed / _brakeSeconds) : left;
            return _cursor + Math.Min(passed * Wire.FrameRateHz * pace, most);
        }

        /// <summary>How far the cursor may run by itself: to speech that is not to be heard yet, and
        /// to the last frame.</summary>
        double End(out bool isSpeechNext)
        {
            int place = Math.Max(0, _buffer.PlaceAt(_cursor));
            while (place + 1 < _buffer.Count && IsFree(_buffer[place + 1]))
            {
                place++;
            }
            isSpeechNext = place + 1 < _buffer.Count;
            return _buffer[place].Index;
        }

        bool IsFree(Frame frame)
        {
            return IsDue(frame) || frame.Segment <= _finished;
        }

        static double Clamp(double value, double least, double most)
        {
            return Math.Min(most, Math.Max(least, value));
        }

        #endregion

        #region What to show

        void Show(double passed)
        {
            int place = _buffer.PlaceAt(_cursor);
            if (place < 0 && _hasShown)
            {
                return; // it holds, for the delay before the first frame that comes
            }
            _buffer.DropBefore(place);
            Frame frame = _buffer[0], next = _buffer.Count > 1 ? _buffer[1] : null;
            if (next == null)
            {
                Starve(passed);
            }
            else
            {
                Feed();
            }
            if (frame.Epoch != _shownEpoch)
            {
                Blend();
                _shownEpoch = frame.Epoch;
            }
            Interpolate(frame, next);
            _hasShown = true;
        }

        void Interpolate(Frame frame, Frame next)
        {
            if (next == null || next.Epoch != frame.Epoch)
            {
                Array.Copy(frame.Values, _shown, Pose.NumValues);
                return;
            }
            double weight = (_cursor - frame.Index) / (next.Index - frame.Index);
            PoseMath.Mix(frame.Values, next.Values, Clamp(weight, 0, 1), _shown);
        }

        void Starve(double passed)
        {
            bool wasHeld = _starvedSeconds <= _holdSeconds;
            _starvedSeconds += passed;
            if (_starvedSeconds > _holdSeconds)
            {
                NumUnderruns += wasHeld && _hasShown ? 1 : 0;
                _face = Math.Max(0, _face - passed / _relaxSeconds);
            }
        }

        void Feed()
        {
            if (_face < 1)
            {
                Blend();
            }
            _starvedSeconds = 0;
            _face = 1;
        }

        /// <summary>Lead from what is seen now into what follows.</summary>
        void Blend()
        {
            Array.Copy(_output, _from, Pose.NumValues);
            _blendLeft = _hasShown ? _blendSeconds : 0;
        }

        void Render(double passed)
        {
            Array.Copy(_shown, _output, Pose.NumValues);
            PoseMath.ScaleFace(_output, _face);
            _blendLeft = Math.Max(0, _blendLeft - passed);
            if (_blendLeft > 0)
            {
                double done = 1 - _blendLeft / _blendSeconds;
                PoseMath.Mix(_from, _output, done * done * (3 - 2 * done), _output);
            }
        }

        #endregion
    }
}
