using System;
using System.Threading;

namespace Umo
{
    /// <summary>The connection to a server as messages: decodes on the socket's thread, queues for
    /// the user's.</summary>
    internal sealed class ServerLink : IZmtpUser, IDisposable
    {
        const int _mostWaiting = 4096; // then life is dropped, as it is shown at once or never
        readonly Inbox _inbox = new Inbox();
        readonly FramePool _frames = new FramePool();
        readonly MessageWriter _writer = new MessageWriter();
        readonly MessageReader _reader;
        readonly ZmtpSocket _socket;
        readonly Func<double> _clock;
        readonly byte[] _hello;
        ServerMessage _scratch = new ServerMessage();
        bool _isInParts;
        long _numBad, _numUnread;
        uint _ping;
        double _pingedAt;

        public ServerLink(ZmtpAddress address, byte[] hello, Func<double> clock, double silenceSeconds)
        {
            _clock = clock;
            _hello = hello;
            _reader = new MessageReader(_frames);
            _socket = new ZmtpSocket(address, ZmtpKind.Dealer, this, clock, silenceSeconds);
        }

        /// <summary>Messages that were none.</summary>
        public long NumBad => Interlocked.Read(ref _numBad);

        /// <summary>Frames of mere life that were dropped because nobody took them.</summary>
        public long NumUnread => Interlocked.Read(ref _numUnread);

        /// <summary>Where frames go that are not needed any more.</summary>
        public FramePool Frames => _frames;

        public bool Take(out Arrival arrival)
        {
            return _inbox.Take(out arrival);
        }

        public void Send(byte[] message, int connection)
        {
            _socket.Send(message, connection);
        }

        public void MoveTo(ZmtpAddress address)
        {
            _socket.MoveTo(address);
        }

        public void Dispose()
        {
            _socket.Dispose();
        }

        /// <summary>The time from a ping to the pong of this number that came now; NaN: of another.
        /// </summary>
        double RoundTrip(long number)
        {
            lock (_writer)
            {
                return number == _ping ? _clock() - _pingedAt : double.NaN;
            }
        }

        byte[] IZmtpUser.FirstMessage()
        {
            return _hello;
        }

        byte[] IZmtpUser.Heartbeat()
        {
            lock (_writer)
            {
                _pingedAt = _clock();
                return _writer.Ping(++_ping);
            }
        }

        void IZmtpUser.Connected(int connection)
        {
            _isInParts = false;
            _inbox.Put(new Arrival { Connection = connection });
        }

        void IZmtpUser.Lost(string code, string reason)
        {
            _inbox.Put(new Arrival { Lost = new UmoException(code, reason) });
        }

        void IZmtpUser.Received(byte[] bytes, int offset, int count, bool hasMore)
        {
            bool isWhole = !hasMore && !_isInParts;
            _isInParts = hasMore;
            if (!isWhole || _reader.Read(bytes, offset, count, _scratch) != null)
            {
                Interlocked.Increment(ref _numBad);
            }
            else if (_scratch.Kind == MessageKind.Frame)
            {
                Put(_scratch.Frame);
            }
            else
            {
                if (_scratch.Kind == MessageKind.Pong)
                {
                    _scratch.LateSeconds = RoundTrip(_scratch.Number);
                }
                _inbox.Put(new Arrival { Message = _scratch });
                _scratch = new ServerMessage();
            }
        }

        void Put(Frame frame)
        {
            if (frame.Segment == Wire.NoSegment && _inbox.Count >= _mostWaiting)
            {
                Interlocked.Increment(ref _numUnread);
                _frames.Return(frame);
                return;
            }
            frame.ArrivedSeconds = _clock();
            _inbox.Put(new Arrival { Frame = frame });
        }
    }
}
