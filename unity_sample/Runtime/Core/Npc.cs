using System;
using System.Collections.Generic;

namespace Umo
{
    /// <summary>A character; <see cref="UmoClient.Open"/> brings it to life.</summary>
    /// <remarks>
    /// Nothing here waits. What it is told while there is no connection, and what was told and had
    /// not come back as motion when a connection was lost, is told when there is one again. For the
    /// thread that calls <see cref="UmoClient.Poll"/>.
    /// </remarks>
    public sealed class Npc
    {
        const double _feedbackSeconds = 0.25, _retrySeconds = 1;
        static readonly double[] _noTimes = new double[0];
        readonly UmoClient _client;
        readonly MessageWriter _writer;
        readonly NpcOptions _options;
        readonly Spoken _spoken;
        readonly PosePlayer _player;
        readonly SampleBytes _bytes;
        readonly Action<byte[]> _send;
        bool _isSpeaking, _hasPlayed, _isRefused;
        int _clears; // that the server has not answered
        int _playedSegment;
        double _playedSeconds, _fedBackAt, _retryAt = double.PositiveInfinity;
        long _numFrames;

        internal Npc(string name, NpcOptions options, UmoClient client, MessageWriter writer)
        {
            Name = name;
            _options = options;
            _client = client;
            _writer = writer;
            _send = client.Send;
            _bytes = new SampleBytes(options.Format);
            _spoken = new Spoken(name, options.RateHz, _bytes.PerSample, writer);
            _player = new PosePlayer(client.Frames, options.IsPaced, options.DelaySeconds);
        }

        /// <summary>All of a segment's motion has been sent: its number, and how many seconds it
        /// lasts.</summary>
        public event Action<int, double> Ended;

        /// <summary>The server did not do something. While it has no room for the character, that is
        /// said once and asked again every second.</summary>
        public event Action<UmoException> Refused;

        /// <summary>Its name.</summary>
        public string Name { get; }

        /// <summary>Rate of its audio, samples a second.</summary>
        public int RateHz => _options.RateHz;

        /// <summary>Whether the server has it, at present.</summary>
        public bool IsOpen { get; private set; }

        /// <summary>Whether <see cref="Close"/> was called.</summary>
        public bool IsClosed { get; private set; }

        /// <summary>The newest segment: 0 before the first, then 1 and up.</summary>
        public int Segment { get; private set; }

        /// <summary>The latest answer to <see cref="AskStats"/>; null before the first.</summary>
        public ServerStats? Stats { get; private set; }

        /// <summary>What happened to its frames.</summary>
        public NpcCounters Counters => new NpcCounters
        {
            Frames = _numFrames,
            Late = _player.Buffer.NumLate,
            Twice = _player.Buffer.NumTwice,
            Overflown = _player.Buffer.NumOverflown,
            Underruns = _player.NumUnderruns,
        };

        #region What it is told

        /// <summary>Push speech of the current segment; begins one where there is none.</summary>
        /// <param name="samples">Mono, -1 to 1, at <see cref="RateHz"/>.</param>
        /// <param name="offset">Of the first sample.</param>
        /// <param name="count">How many.</param>
        /// <returns>The segment's number.</returns>
        /// <exception cref="UmoException">"audio": samples are not finite; "closed".</exception>
        public int Say(float[] samples, int offset, int count)
        {
            Begin(count);
            for (int at = 0, part; at < count; at += part)
            {
                part = Math.Min(count - at, _bytes.MostSamples);
                SayPart(_bytes.Of(samples, offset + at, part));
            }
            return Segment;
        }

        /// <summary>Push speech; see the other one.</summary>
        /// <param name="samples">Mono 16-bit samples, at <see cref="RateHz"/>.</param>
        /// <param name="offset">Of the first sample.</param>
        /// <param name="count">How many.</param>
        /// <returns>The segment's number.</returns>
        /// <exception cref="UmoException">"closed".</exception>
        public int Say(short[] samples, int offset, int count)
        {
            Begin(count);
            for (int at = 0, part; at < count; at += part)
            {
                part = Math.Min(count - at, _bytes.MostSamples);
                SayPart(_bytes.Of(samples, offset + at, part));
            }
            return Segment;
        }

        /// <summary>Tell what the current or next segment says; best before its audio.</summary>
        /// <param name="words">One by one.</param>
        /// <param name="timesSeconds">When each begins, since the segment's beginning; null: at the
        /// pace of speech.</param>
        /// <returns>The segment's number.</returns>
        /// <exception cref="UmoException">"value": not one time a word; "closed".</exception>
        public int Text(IReadOnlyList<string> words, IReadOnlyList<double> timesSeconds = null)
        {
            timesSeconds = timesSeconds ?? _noTimes;
            if (words.Count == 0)
            {
                return Segment;
            }
            if (timesSeconds.Count > 0 && timesSeconds.Count != words.Count)
            {
                throw new UmoException(
                    "value", words.Count + " words have " + timesSeconds.Count + " times; give one to each");
            }
            Begin(words.Count);
            byte[] message = _writer.Words(Name, Segment, words, timesSeconds);
            _spoken.Text(Segment, new List<string>(words), new List<double>(timesSeconds));
            _client.Send(message);
            return Segment;
        }

        /// <summary>The current segment is complete; the next speech begins another.</summary>
        public void End()
        {
            if (_isSpeaking && !IsClosed)
            {
                _isSpeaking = false;
                _spoken.End(Segment);
                _client.Send(_writer.End(Name, Segment));
            }
        }

        /// <summary>Direct the character from now on.</summary>
        /// <exception cref="UmoException">"closed".</exception>
        public void Direct(Direction direction)
        {
            MustBeOpen();
            byte[] message = _writer.Control(Name, direction);
            _spoken.Direct(direction);
            _client.Send(message);
        }

        /// <summary>Interrupt: forget all speech, here and there, and close the mouth.</summary>
        /// <remarks>Stop the sound, too. The character goes on from the pose that is shown.</remarks>
        /// <exception cref="UmoException">"closed".</exception>
        public void Clear()
        {
            MustBeOpen();
            FeedBack();
            _isSpeaking = false;
            _spoken.Clear();
            _player.Clear();
            if (IsOpen)
            {
                _clears++;
                _client.Send(_writer.Clear(Name));
            }
        }

        /// <summary>Ask for the server's counters: <see cref="Stats"/>, a moment later.</summary>
        public void AskStats()
        {
            _client.Send(_writer.AskStats(Name));
        }

        /// <summary>End the character; its name is free again.</summary>
        public void Close()
        {
            if (!IsClosed)
            {
                _client.Send(_writer.Close(Name));
                _client.Remove(this);
                _player.Clear();
                IsClosed = true;
                IsOpen = false;
            }
        }

        #endregion

        #region What it shows

        /// <summary>Seconds of a segment's motion that are here, from a position on.</summary>
        public double BufferedSeconds(int segment, double positionSeconds = 0)
        {
            return _player.BufferedSeconds(segment, positionSeconds);
        }

        /// <summary>Tell which sample is heard at this moment; before every
        /// <see cref="Sample"/> while the sound plays.</summary>
        /// <param name="segment">Which segment.</param>
        /// <param name="positionSeconds">Since its first sample.</param>
        public void SetPlayhead(int segment, double positionSeconds)
        {
            double now = _client.Now;
            _player.SetPlayhead(segment, positionSeconds, now);
            _spoken.Played(segment, positionSeconds, now);
            _playedSegment = segment;
            _playedSeconds = positionSeconds;
            _hasPlayed = true;
        }

        /// <summary>All of a segment was heard; its last frames, up to 0.1 s, follow by themselves.
        /// </summary>
        public void Finish(int segment)
        {
            _player.Finish(segment);
        }

        /// <summary>The pose of this moment; call it once for every picture.</summary>
        /// <param name="pose">Gets the pose; stays as it is if there is none yet.</param>
        /// <returns>Whether any motion has come yet.</returns>
        public bool Sample(Pose pose)
        {
            return _player.Sample(_client.Now, pose);
        }

        #endregion

        #region What the client calls

        /// <summary>There is a server, which may know an older one of this name and no more.</summary>
        internal void OpenAgain()
        {
            IsOpen = false;
            _clears = 0;
            _retryAt = double.PositiveInfinity;
            _player.Break();
            _send(_writer.Close(Name));
            _send(_writer.Open(
                Name, _options.RateHz, _options.Format, _options.Seed, _options.IsPaced));
            _spoken.Again(_send, _client.Now);
        }

        /// <summary>There is no connection.</summary>
        internal void Lose()
        {
            IsOpen = false;
            _retryAt = double.PositiveInfinity;
        }

        /// <summary>Take in a frame, which is this object's from now on.</summary>
        internal void Take(Frame frame)
        {
            if (!IsOpen || _clears > 0)
            {
                _client.Frames.Return(frame);
                return;
            }
            _numFrames++;
            if (_spoken.Heard(frame, _client.Now))
            {
                _player.Add(frame);
            }
            else
            {
                _client.Frames.Return(frame);
            }
        }

        internal void Take(ServerMessage message)
        {
            bool isAnswer =
                message.Kind == MessageKind.Opened || message.Kind == MessageKind.Refusal;
            if (!IsOpen && !isAnswer) // it is about an older one, of before the connection was lost
            {
                return;
            }
            switch (message.Kind)
            {
                case MessageKind.Opened:
                    IsOpen = true;
                    _isRefused = false;
                    break;
                case MessageKind.Ended: TakeEnded(message); break;
                case MessageKind.Cleared: _clears = Math.Max(0, _clears - 1); break;
                case MessageKind.Stats: TakeStats(message); break;
                case MessageKind.Refusal: TakeRefusal(message); break;
            }
        }

        /// <summary>Time has passed.</summary>
        internal void Tick(double nowSeconds)
        {
            if (nowSeconds >= _retryAt)
            {
                OpenAgain();
            }
            if (_hasPlayed && nowSeconds - _fedBackAt >= _feedbackSeconds)
            {
                _fedBackAt = nowSeconds;
                FeedBack();
            }
        }

        #endregion

        void Begin(int count)
        {
            MustBeOpen();
            if (!_isSpeaking && count > 0)
            {
                _isSpeaking = true;
                Segment++;
            }
        }

        void MustBeOpen()
        {
            if (IsClosed)
            {
                throw new UmoException("closed", "\"" + Name + "\" is closed; open it again");
            }
        }

        void SayPart(byte[] samples)
        {
            _spoken.Audio(Segment, samples);
            _client.Send(_writer.Audio(Name, Segment, samples, 0, samples.Length));
        }

        /// <summary>Tell how far the sound is: where an interruption would fall.</summary>
        void FeedBack()
        {
            if (_hasPlayed && IsOpen)
            {
                double seconds = _spoken.ServerSeconds(_playedSegment, _playedSeconds);
                _client.Send(_writer.Playback(Name, _playedSegment, seconds));
            }
            _hasPlayed = false;
        }

        void TakeEnded(ServerMessage message)
        {
            int segment = (int)message.Segment;
            double duration = _spoken.Ended(segment, message.DurationSeconds);
            if (_clears == 0 && Ended != null)
            {
                Ended(segment, duration);
            }
        }

        void TakeStats(ServerMessage message)
        {
            Stats = new ServerStats
            {
                Frames = message.Frames,
                AudioSeconds = message.AudioSeconds,
                Underruns = message.Underruns,
                LateSeconds = message.LateSeconds,
                Skipped = message.Skipped,
            };
        }

        void TakeRefusal(ServerMessage message)
        {
            bool isFollow = !IsOpen && message.Code == "stream"; // of what was sent behind `open`
            if (isFollow)
            {
                return;
            }
            if (!IsOpen)
            {
                _retryAt = _client.Now + _retrySeconds;
            }
            if (message.Code == "busy" && _clears > 0)
            {
                _clears--; // this one cut nothing
            }
            bool isNew = IsOpen || !_isRefused;
            _isRefused = !IsOpen;
            if (isNew && Refused != null)
            {
                Refused(new UmoException(message.Code, message.Reason));
            }
        }
    }
}
