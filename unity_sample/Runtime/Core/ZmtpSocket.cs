using System;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace Umo
{
    /// <summary>A DEALER or SUB socket that connects, and connects again, to one place.</summary>
    /// <remarks>One thread connects and reads, another writes, so that neither a slow server nor a
    /// slow user holds anybody up.</remarks>
    internal sealed class ZmtpSocket : IDisposable
    {
        const double _leastPauseSeconds = 0.1, _mostPauseSeconds = 2; // between attempts
        const double _goodbyeSeconds = 0.12; // what the last messages get to leave
        const int _batchBytes = 1 << 16; // sent at once

        struct Outgoing
        {
            public byte[] Body;
            public bool IsCommand;
        }

        readonly ZmtpKind _kind;
        readonly IZmtpUser _user;
        readonly Func<double> _clock;
        readonly double _silenceSeconds;
        readonly object _gate = new object(); // of all below
        readonly Queue<Outgoing> _outgoing = new Queue<Outgoing>();
        readonly Thread _reader, _writer;
        byte[] _identity = NewIdentity();
        ZmtpAddress _address;
        volatile ZmtpConnection _live;
        int _connection;
        volatile bool _isMoving, _isClosing;
        double _closeBy;
        bool _isHeard; // on this connection

        /// <param name="address">Of the server.</param>
        /// <param name="kind">What to be.</param>
        /// <param name="user">Gets what comes, on threads of the socket.</param>
        /// <param name="clock">Seconds; for any thread.</param>
        /// <param name="silenceSeconds">After so long without a word the connection is given up;
        /// signs of life are given three times as often.</param>
        public ZmtpSocket(
            ZmtpAddress address, ZmtpKind kind, IZmtpUser user, Func<double> clock,
            double silenceSeconds)
        {
            _address = address;
            _kind = kind;
            _user = user;
            _clock = clock;
            _silenceSeconds = silenceSeconds;
            _reader = new Thread(Read) { IsBackground = true, Name = "umo read" };
            _writer = new Thread(Write) { IsBackground = true, Name = "umo write" };
            _reader.Start();
            _writer.Start();
        }

        /// <summary>Send a message; without the connection it was meant for it is forgotten.</summary>
        public void Send(byte[] message, int connection)
        {
            Post(message, false, connection);
        }

        /// <summary>Leave, and connect to another place.</summary>
        public void MoveTo(ZmtpAddress address)
        {
            lock (_gate)
            {
                _address = address;
                _isMoving = true;
                Monitor.PulseAll(_gate);
            }
        }

        /// <summary>End; returns within 200 ms, whatever the network does.</summary>
        public void Dispose()
        {
            lock (_gate)
            {
                if (_isClosing)
                {
                    return;
                }
                _closeBy = _clock() + _goodbyeSeconds;
                _isClosing = true;
                Monitor.PulseAll(_gate);
            }
            _writer.Join(140);
            _reader.Join(40);
        }

        bool IsUnwanted()
        {
            return _isMoving || (_isClosing && (_live == null || _clock() > _closeBy));
        }

        #region The thread that reads

        void Read()
        {
            double pauseSeconds = _leastPauseSeconds;
            while (!_isClosing)
            {
                _isMoving = _isHeard = false;
                ConverseAndTell();
                pauseSeconds =
                    _isHeard ? _leastPauseSeconds : Math.Min(_mostPauseSeconds, 2 * pauseSeconds);
                if (!_isHeard) // a server may still hold the identity for a connection that is dead
                {
                    _identity = NewIdentity();
                }
                Pause(pauseSeconds);
            }
        }

        void ConverseAndTell()
        {
            try
            {
                Converse();
            }
            catch (UmoException error)
            {
                Tell(error.Code, error.Message);
            }
            catch (SocketException error)
            {
                Tell("connect", "nothing answers at " + _address + ": " + OneLine.Of(error.Message) +
                    "; start the server: umo serve");
            }
            catch (Exception error) // whatever it is: a game must not lose its characters by it
            {
                Tell("gone", "the connection to " + _address + " has failed: " +
                    OneLine.Of(error.Message));
            }
        }

        void Tell(string code, string reason)
        {
            if (!_isClosing && !_isMoving)
            {
                _user.Lost(code, reason);
            }
        }

        void Pause(double seconds)
        {
            double until = _clock() + seconds;
            lock (_gate)
            {
                for (double left = seconds; left > 0 && !_isClosing && !_isMoving;)
                {
                    Monitor.Wait(_gate, 1 + (int)(1000 * left));
                    left = until - _clock();
                }
            }
        }

        void Converse()
        {
            using (var connection =
                new ZmtpConnection(_address, _clock, _silenceSeconds, IsUnwanted))
            {
                int minor = connection.ShakeHands(_kind, _identity);
                try
                {
                    bool isWanted = minor >= 0;
                    if (isWanted)
                    {
                        Attach(connection, minor);
                    }
                    for (; isWanted; isWanted = connection.Receive())
                    {
                        Hand(connection.Framing);
                    }
                }
                finally
                {
                    Detach();
                }
            }
        }

        void Attach(ZmtpConnection connection, int minor)
        {
            byte[] first = _user.FirstMessage();
            if (_kind == ZmtpKind.Dealer)
            {
                connection.SendFrame(first, false);
            }
            else // a command of 3.1, a message before
            {
                connection.SendFrame(Subscription(minor > 0 ? "\x09SUBSCRIBE" : "\x01", first), minor > 0);
            }
            int number;
            lock (_gate)
            {
                _live = connection;
                number = ++_connection;
            }
            _user.Connected(number);
        }

        static byte[] Subscription(string head, byte[] topic)
        {
            var body = new byte[head.Length + topic.Length];
            Encoding.ASCII.GetBytes(head, 0, head.Length, body, 0);
            topic.CopyTo(body, head.Length);
            return body;
        }

        void Detach()
        {
            lock (_gate)
            {
                _live = null;
                _outgoing.Clear();
                Monitor.PulseAll(_gate);
            }
        }

        /// <summary>Hand on all that is whole.</summary>
        void Hand(ZmtpFraming framing)
        {
            while (framing.Next())
            {
                if (!framing.IsCommand)
                {
                    _isHeard = true;
                    _user.Received(
                        framing.Bytes, framing.Offset, framing.Count, framing.HasMore);
                }
                else if (framing.Command == "PING")
                {
                    byte[] pong = ZmtpHandshake.Pong(framing.Bytes, framing.Offset, framing.Count);
                    Post(pong, true, _connection);
                }
            }
        }

        #endregion

        #region The thread that writes

        void Write()
        {
            var bytes = new byte[_batchBytes];
            double beatAt = 0;
            while (true)
            {
                ZmtpConnection connection;
                int count = Gather(ref bytes, ref beatAt, out connection);
                try
                {
                    if (count > 0)
                    {
                        connection.Send(bytes, 0, count);
                    }
                    else
                    {
                        connection?.Finish();
                    }
                }
                catch (SocketException)
                {
                    // The other thread notices, too, and says so.
                }
                catch (ObjectDisposedException)
                {
                    // It has noticed.
                }
                if (count == 0)
                {
                    return;
                }
            }
        }

        /// <summary>Wait for something to send; returns how many bytes, 0 when it is over.</summary>
        int Gather(ref byte[] bytes, ref double beatAt, out ZmtpConnection connection)
        {
            lock (_gate)
            {
                while (true)
                {
                    connection = _live;
                    int count = Batch(ref bytes);
                    if (count == 0 && !_isClosing && connection != null && _clock() >= beatAt)
                    {
                        byte[] beat = _user.Heartbeat();
                        count = beat == null ? 0 : ZmtpFraming.Append(ref bytes, 0, beat, false);
                        beatAt = _clock() + _silenceSeconds / 3;
                    }
                    if (count > 0 || _isClosing)
                    {
                        return count;
                    }
                    Monitor.Wait(_gate, 1 + (int)(1000 * _silenceSeconds / 3));
                }
            }
        }

        int Batch(ref byte[] bytes)
        {
            int count = 0;
            while (_outgoing.Count > 0 && count < _batchBytes)
            {
                Outgoing next = _outgoing.Dequeue();
                count = ZmtpFraming.Append(ref bytes, count, next.Body, next.IsCommand);
            }
            return count;
        }

        void Post(byte[] body, bool isCommand, int connection)
        {
            lock (_gate)
            {
                if (_live != null && connection == _connection && !_isClosing)
                {
                    _outgoing.Enqueue(new Outgoing { Body = body, IsCommand = isCommand });
                    Monitor.PulseAll(_gate);
                }
            }
        }

        #endregion

        /// <summary>ZeroMQ: 1 to 255 bytes, the first of them not 0.</summary>
        static byte[] NewIdentity()
        {
            var identity = new byte[17];
            identity[0] = (byte)'U';
            Guid.NewGuid().ToByteArray().CopyTo(identity, 1);
            return identity;
        }
    }
}
