using System;
using System.Text;

namespace Umo
{
    /// <summary>Writes MessagePack, each value in its shortest form, floats as float64.</summary>
    /// <remarks>Source: https://github.com/msgpack/msgpack/blob/master/spec.md</remarks>
    internal sealed class MsgPackWriter
    {
        static readonly Encoding _utf8 = new UTF8Encoding(false, true);
        byte[] _bytes = new byte[256];

        /// <summary>What was written is in its first <see cref="Count"/> bytes.</summary>
        public byte[] Bytes => _bytes;

        public int Count { get; private set; }

        public void Clear()
        {
            Count = 0;
        }

        public void MapHeader(int count)
        {
            Header(count, 0x80, 16, 0xde);
        }

        public void ArrayHeader(int count)
        {
            Header(count, 0x90, 16, 0xdc);
        }

        /// <exception cref="UmoException">The text holds half a surrogate pair.</exception>
        public void String(string text)
        {
            int count = Utf8Count(text);
            if (count >= 32 && count < 256)
            {
                Byte(0xd9);
                Byte(count);
            }
            else
            {
                Header(count, 0xa0, 32, 0xda);
            }
            int at = Reserve(count);
            _utf8.GetBytes(text, 0, text.Length, _bytes, at);
        }

        public void Boolean(bool value)
        {
            Byte(value ? 0xc3 : 0xc2);
        }

        /// <param name="value">From 0 to 2^32 - 1, which is all that the protocol has.</param>
        public void Integer(long value)
        {
            if (value < 128)
            {
                Byte((int)value);
            }
            else if (value < 256)
            {
                Byte(0xcc);
                Byte((int)value);
            }
            else
            {
                bool isShort = value < 65536;
                Byte(isShort ? 0xcd : 0xce);
                BigEndian(value, isShort ? 2 : 4);
            }
        }

        public void Double(double value)
        {
            Byte(0xcb);
            BigEndian(BitConverter.DoubleToInt64Bits(value), 8);
        }

        static int Utf8Count(string text)
        {
            try
            {
                return _utf8.GetByteCount(text);
            }
            catch (EncoderFallbackException)
            {
                throw new UmoException("record", "the text is no Unicode; give whole characters");
            }
        }

        void Header(int count, int shortest, int limit, int with16Bits)
        {
            if (count < limit)
            {
                Byte(shortest | count);
                return;
            }
            bool isShort = count < 65536;
            Byte(isShort ? with16Bits : with16Bits + 1);
            BigEndian(count, isShort ? 2 : 4);
        }

        void BigEndian(long value, int count)
        {
            int at = Reserve(count);
            for (int n = 0; n < count; n++)
            {
                _bytes[at + n] = (byte)(value >> 8 * (count - 1 - n));
            }
        }

        void Byte(int value)
        {
            int at = Reserve(1);
            _bytes[at] = (byte)value;
        }

        /// <summary>Where the next bytes go; there is room for them.</summary>
        int Reserve(int count)
        {
            int at = Count;
            Count += count;
            if (Count > _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Max(Count, 2 * _bytes.Length));
            }
            return at;
        }
    }
}
