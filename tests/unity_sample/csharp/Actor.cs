using System;

namespace Umo.Tests
{
    /// <summary>A character that speaks again and again, as a game would have it do.</summary>
    /// <remarks>The sound is a clock: it begins once 0.15 s of motion are there and stands still
    /// where there is none, as sound does that arrives in the same stream.</remarks>
    sealed class Actor
    {
        const double _startSeconds = 0.15, _pauseSeconds = 0.7, _chunkSeconds = 0.1;
        readonly Npc _npc;
        readonly short[] _speech;
        readonly Pose _pose = new Pose(), _before = new Pose();
        readonly double _clipSeconds;
        double _nextAt, _pushedSeconds, _heardSeconds, _endedSeconds = double.PositiveInfinity;
        double _last;
        int _segment;
        bool _isPlaying;

        public Actor(Npc npc, short[] speech, double beginAt)
        {
            _npc = npc;
            _speech = speech;
            _clipSeconds = speech.Length / (double)npc.RateHz;
            _nextAt = beginAt;
            _last = beginAt;
            npc.Ended += (segment, seconds) => _endedSeconds = segment == _segment ? seconds : _endedSeconds;
            npc.Refused += error => LastRefusal = error.Message;
        }

        public Npc Npc => _npc;

        public string LastRefusal { get; private set; }

        public int NumSaid { get; private set; }

        public int NumHeard { get; private set; }

        public int NumCut { get; private set; }

        public int NumPoses { get; private set; }

        public int NumWrong { get; private set; }

        /// <summary>The fastest turn of any bone from one picture to the next, radians a second.
        /// </summary>
        public double MostSpeed { get; private set; }

        /// <summary>How open a mouth was at most while it spoke.</summary>
        public double MostOpen { get; private set; }

        /// <summary>The longest wait for motion while the sound played, seconds.</summary>
        public double LongestWait { get; private set; }

        double _waited;

        /// <param name="now">Seconds.</param>
        /// <param name="jaw">Which blendshape opens the mouth; -1 if that is not known yet.</param>
        /// <param name="mayBegin">Whether to speak once more.</param>
        public void Update(double now, int jaw, bool mayBegin)
        {
            double passed = now - _last;
            _last = now;
            if (_segment == 0 && mayBegin && now >= _nextAt)
            {
                _segment = _npc.Segment + 1;
                _pushedSeconds = _heardSeconds = 0;
                _endedSeconds = double.PositiveInfinity;
                NumSaid++;
                _npc.Text(new[] { "you", "and", "me", "all", "of", "us" });
            }
            if (_segment != 0)
            {
                Push(passed);
                Hear(passed, now);
            }
            Look(jaw, Math.Max(passed, Stage.Step));
        }

        /// <summary>Whether it says nothing at present.</summary>
        public bool IsSilent => _segment == 0;

        public void Interrupt(double now)
        {
            _npc.Clear();
            NumCut += _segment == 0 ? 0 : 1;
            Rest(now);
        }

        /// <summary>Speech comes twice as fast as it is heard.</summary>
        void Push(double passed)
        {
            double most = _pushedSeconds + 2 * passed + (_pushedSeconds == 0 ? 2 * _chunkSeconds : 0);
            int from = (int)(_pushedSeconds * _npc.RateHz);
            int to = Math.Min(_speech.Length, (int)(most * _npc.RateHz));
            if (to > from)
            {
                _npc.Say(_speech, from, to - from);
                _pushedSeconds = most;
                if (to == _speech.Length)
                {
                    _npc.End();
                }
            }
        }

        void Hear(double passed, double now)
        {
            bool isLast = _heardSeconds + 0.2 > _endedSeconds;
            double buffered = _npc.BufferedSeconds(_segment, _heardSeconds);
            if (!_isPlaying && (buffered >= _startSeconds || !double.IsInfinity(_endedSeconds)))
            {
                _isPlaying = true;
            }
            if (!_isPlaying)
            {
                return;
            }
            bool isStalled = buffered < passed && !isLast;
            _waited = isStalled ? _waited + passed : 0;
            LongestWait = Math.Max(LongestWait, _waited);
            _heardSeconds += isStalled ? 0 : passed;
            _npc.SetPlayhead(_segment, Math.Min(_heardSeconds, _clipSeconds));
            if (_heardSeconds >= Math.Min(_endedSeconds, _clipSeconds) && !double.IsInfinity(_endedSeconds))
            {
                NumHeard++;
                Check.Near(_clipSeconds, _endedSeconds, 0.01, _npc.Name + " duration");
                _npc.Finish(_segment);
                Rest(now);
            }
        }

        void Rest(double now)
        {
            _segment = 0;
            _isPlaying = false;
            _waited = 0;
            _nextAt = now + _pauseSeconds;
        }

        void Look(int jaw, double passed)
        {
            if (!_npc.Sample(_pose))
            {
                return;
            }
            NumPoses++;
            for (int bone = 0; bone < Pose.NumBones; bone++)
            {
                Rotation turn = _pose.Rotation(bone), before = _before.Rotation(bone);
                double length = turn.X * turn.X + turn.Y * turn.Y + turn.Z * turn.Z + turn.W * turn.W;
                double cosine = Math.Abs(
                    turn.X * before.X + turn.Y * before.Y + turn.Z * before.Z + turn.W * before.W);
                NumWrong += Math.Abs(length - 1) < 1e-3 ? 0 : 1;
                double turned = NumPoses == 1 ? 0 : 2 * Math.Acos(Math.Min(1, cosine));
                MostSpeed = Math.Max(MostSpeed, turned / passed);
            }
            if (jaw >= 0 && _isPlaying)
            {
                MostOpen = Math.Max(MostOpen, _pose.Blendshape(jaw));
            }
            Array.Copy(_pose.Values, _before.Values, Pose.NumValues);
        }
    }
}
