using System;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Umo
{
    /// <summary>One connection to a place, as whole frames.</summary>
    /// <remarks>
    /// Nothing blocks for long: whoever waits looks every 50 ms whether that is still wanted, instead
    /// of relying on a close by another thread, which not every platform notices.
    /// </remarks>
    internal sealed class ZmtpConnection : IDisposable
    {
        const int _lookMicroseconds = 50000;
        readonly ZmtpAddress _address;
        readonly Func<double> _clock;
        readonly double _silenceSeconds;
        readonly Func<bool> _isUnwanted;
        readonly Socket _socket;

        /// <summary>Connect.</summary>
        /// <param name="address">Of the server.</param>
        /// <param name="clock">Seconds.</param>
        /// <param name="silenceSeconds">The longest wait for anything.</param>
        /// <param name="isUnwanted">Whether to wait no longer.</param>
        /// <exception cref="SocketException">Nothing answers.</exception>
        public ZmtpConnection(
            ZmtpAddress address, Func<double> clock, double silenceSeconds, Func<bool> isUnwanted)
        {
            _address = address;
            _clock = clock;
            _silenceSeconds = silenceSeconds;
            _isUnwanted = isUnwanted;
            IPAddress host = Host(address.Host);
            _socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                Connect(host);
            }
            catch
            {
                _socket.Close();
                throw;
            }
        }

        /// <summary>What has come.</summary>
        public ZmtpFraming Framing { get; } = new ZmtpFraming(Wire.MostMessageBytes);

        /// <summary>Greet and be greeted.</summary>
        /// <returns>The minor version of the other side; -1 if that is not wanted any more.</returns>
        /// <exception cref="UmoException">The other side is none, or demands keys.</exception>
        public int ShakeHands(ZmtpKind kind, byte[] identity)
        {
            byte[] greeting = ZmtpHandshake.Greeting();
            // A server that demands keys hangs up on the rest, without having said that it does.
            Send(greeting, 0, ZmtpHandshake.VersionBytes);
            var theirs = new byte[greeting.Length];
            while (!Framing.Take(theirs))
            {
                if (!Receive())
                {
                    return -1;
                }
            }
            int minor = ZmtpHandshake.Accept(theirs);
            Send(greeting, ZmtpHandshake.VersionBytes, greeting.Length);
            SendFrame(ZmtpHandshake.Ready(kind, identity), true);
            return IsReady() ? minor : -1;
        }

        /// <summary>Wait for bytes; false if they are not wanted any more.</summary>
        /// <exception cref="UmoException">The connection has ended, or nothing comes.</exception>
        public bool Receive()
        {
            double until = _clock() + _silenceSeconds;
            while (!_isUnwanted())
            {
                if (_socket.Poll(_lookMicroseconds, SelectMode.SelectRead))
                {
                    int count = Read();
                    if (count > 0)
                    {
                        Framing.Add(count);
                        return true;
                    }
                }
                else if (_clock() > until)
                {
                    throw new UmoException(
                        "gone", "no word from " + _address + " for " + _silenceSeconds + " s");
                }
            }
            return false;
        }

        /// <summary>Send bytes; gives up when they are not wanted any more.</summary>
        /// <exception cref="SocketException">The connection has ended.</exception>
        public void Send(byte[] bytes, int start, int end)
        {
            while (start < end && !_isUnwanted())
            {
                SocketError error;
                start += _socket.Send(bytes, start, end - start, SocketFlags.None, out error);
                if (error == SocketError.WouldBlock)
                {
                    _socket.Poll(_lookMicroseconds, SelectMode.SelectWrite);
                }
                else if (error != SocketError.Success)
                {
                    throw new SocketException((int)error);
                }
            }
        }

        /// <summary>Send one frame.</summary>
        /// <exception cref="SocketException">The connection has ended.</exception>
        public void SendFrame(byte[] body, bool isCommand)
        {
            var bytes = new byte[0];
            int count = ZmtpFraming.Append(ref bytes, 0, body, isCommand);
            Send(bytes, 0, count);
        }

        /// <summary>Say that no more comes: what was sent arrives before the connection ends.</summary>
        /// <exception cref="SocketException">It has ended already.</exception>
        public void Finish()
        {
            _socket.Shutdown(SocketShutdown.Send);
        }

        /// <summary>Let go of it.</summary>
        public void Dispose()
        {
            _socket.Close();
        }

        /// <summary>Its numbers; version 4 if it has both, as servers listen there by default.
        /// </summary>
        static IPAddress Host(string name)
        {
            IPAddress[] all = Dns.GetHostAddresses(name);
            return Array.Find(all, one => one.AddressFamily == AddressFamily.InterNetwork) ?? all[0];
        }

        void Connect(IPAddress host)
        {
            _socket.Blocking = false;
            try
            {
                _socket.Connect(host, _address.Port);
            }
            catch (SocketException error) when (IsUnderWay(error.SocketErrorCode))
            {
                Await();
            }
            _socket.NoDelay = true;
        }

        static bool IsUnderWay(SocketError error)
        {
            return error == SocketError.WouldBlock || error == SocketError.InProgress
                || error == SocketError.AlreadyInProgress;
        }

        /// <summary>Until it is connected. No thread of the runtime's pool waits for it: those may be at
        /// work while a program ends, which mono takes badly.</summary>
        void Await()
        {
            double until = _clock() + _silenceSeconds;
            while (!_socket.Poll(_lookMicroseconds, SelectMode.SelectWrite))
            {
                bool hasFailed = _socket.Poll(0, SelectMode.SelectError); // as Windows tells it
                if (hasFailed || _isUnwanted() || _clock() > until)
                {
                    break;
                }
            }
            int code = (int)_socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error);
            if (code != 0)
            {
                throw new SocketException(code);
            }
            if (!_socket.Poll(0, SelectMode.SelectWrite))
            {
                throw new SocketException((int)SocketError.TimedOut);
            }
        }

        bool IsReady()
        {
            while (!Framing.Next())
            {
                if (!Receive())
                {
                    return false;
                }
            }
            if (!Framing.IsCommand || Framing.Command != "READY")
            {
                int count = Math.Min(Framing.Count, 60);
                string said = Encoding.ASCII.GetString(Framing.Bytes, Framing.Offset, count);
                throw new UmoException("protocol", "the server lets nobody in: " + OneLine.Of(said));
            }
            return true;
        }

        /// <summary>Bytes that are there; 0 if there are none after all.</summary>
        int Read()
        {
            int offset;
            SocketError error;
            int room = Framing.Room(out offset);
            int count = _socket.Receive(Framing.Bytes, offset, room, SocketFlags.None, out error);
            if (count <= 0 && error != SocketError.WouldBlock)
            {
                throw new UmoException("gone", _address + " has ended the connection");
            }
            return Math.Max(0, count);
        }
    }
}
