using System;
using System.Text;

namespace Umo
{
    /// <summary>Cuts a stream of bytes into frames; keeps what is not complete yet.</summary>
    /// <remarks>Source: https://rfc.zeromq.org/spec/23, "Framing".</remarks>
    internal sealed class ZmtpFraming
    {
        const int _more = 1, _long = 2, _command = 4;
        readonly int _mostBytes;
        byte[] _bytes = new byte[1 << 16];
        int _start, _end;

        /// <param name="mostBytes">Of a frame.</param>
        public ZmtpFraming(int mostBytes)
        {
            _mostBytes = mostBytes;
        }

        /// <summary>The frame that <see cref="Next"/> has found, until the next call.</summary>
        public int Offset { get; private set; }

        /// <summary>Its length.</summary>
        public int Count { get; private set; }

        /// <summary>Whether it is a command, not (part of) a message.</summary>
        public bool IsCommand { get; private set; }

        /// <summary>Whether more parts of the same message follow.</summary>
        public bool HasMore { get; private set; }

        /// <summary>Where frames, and room for more bytes, are.</summary>
        public byte[] Bytes => _bytes;

        /// <summary>The name of a command; "" if it has none.</summary>
        public string Command
        {
            get
            {
                bool isNamed = Count > 0 && _bytes[Offset] < Count;
                return isNamed ? Encoding.ASCII.GetString(_bytes, Offset + 1, _bytes[Offset]) : "";
            }
        }

        /// <summary>Make room for bytes that come.</summary>
        /// <param name="offset">Where in <see cref="Bytes"/> to put them.</param>
        /// <returns>How many there is room for.</returns>
        public int Room(out int offset)
        {
            if (_start > 0)
            {
                Buffer.BlockCopy(_bytes, _start, _bytes, 0, _end - _start);
                _end -= _start;
                _start = 0;
            }
            if (_end == _bytes.Length)
            {
                Array.Resize(ref _bytes, 2 * _bytes.Length);
            }
            offset = _end;
            return _bytes.Length - _end;
        }

        /// <summary>So many bytes were put there.</summary>
        public void Add(int count)
        {
            _end += count;
        }

        /// <summary>Take raw bytes, before there are frames; false if not enough have come.</summary>
        public bool Take(byte[] result)
        {
            if (_end - _start < result.Length)
            {
                return false;
            }
            Buffer.BlockCopy(_bytes, _start, result, 0, result.Length);
            _start += result.Length;
            return true;
        }

        /// <summary>Find the next frame; false if it has not come as a whole.</summary>
        /// <exception cref="UmoException">It is longer than any message.</exception>
        public bool Next()
        {
            int held = _end - _start;
            if (held < 2)
            {
                return false;
            }
            int flags = _bytes[_start];
            int headBytes = (flags & _long) != 0 ? 9 : 2;
            if (held < headBytes)
            {
                return false;
            }
            long count = 0;
            for (int n = 1; n < headBytes; n++)
            {
                count = count << 8 | _bytes[_start + n];
            }
            if (count < 0 || count > _mostBytes || flags > (_more | _long | _command))
            {
                throw new UmoException(
                    "protocol", "the server sent bytes that are no ZMTP; is this umo serve?");
            }
            if (held < headBytes + count)
            {
                return false;
            }
            Offset = _start + headBytes;
            Count = (int)count;
            IsCommand = (flags & _command) != 0;
            HasMore = (flags & _more) != 0;
            _start = Offset + Count;
            return true;
        }

        /// <summary>Put the frame of a message or command behind other bytes.</summary>
        /// <returns>How many bytes there are then.</returns>
        public static int Append(ref byte[] bytes, int count, byte[] body, bool isCommand)
        {
            bool isLong = body.Length > 255;
            int headBytes = isLong ? 9 : 2;
            int end = count + headBytes + body.Length;
            if (end > bytes.Length)
            {
                Array.Resize(ref bytes, Math.Max(end, 2 * bytes.Length));
            }
            bytes[count] = (byte)((isCommand ? _command : 0) | (isLong ? _long : 0));
            for (int n = 1; n < headBytes; n++)
            {
                bytes[count + n] = (byte)((long)body.Length >> 8 * (headBytes - 1 - n));
            }
            Buffer.BlockCopy(body, 0, bytes, count + headBytes, body.Length);
            return end;
        }
    }
}
