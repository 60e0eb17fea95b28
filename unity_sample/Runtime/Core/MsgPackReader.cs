using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace Umo
{
    /// <summary>What the next value is.</summary>
    internal enum MsgPackKind
    {
        Broken,
        Nil,
        Boolean,
        Integer,
        Float,
        String,
        Array,
        Map,
    }

    /// <summary>Reads MessagePack from part of an array; never throws.</summary>
    /// <remarks>
    /// Bytes that are no MessagePack set <see cref="IsBroken"/>; all that is read from then on is
    /// zero or empty. Binary and extension values count as broken: the protocol has none.
    /// Source: https://github.com/msgpack/msgpack/blob/master/spec.md
    /// </remarks>
    internal sealed class MsgPackReader
    {
        const int _mostItems = 4096;
        readonly TextTable _texts = new TextTable();
        byte[] _bytes = new byte[0];
        int _at, _end;

        public bool IsBroken { get; private set; }

        public bool IsAtEnd => _at == _end;

        public void Begin(byte[] bytes, int offset, int count)
        {
            _bytes = bytes;
            _at = offset;
            _end = offset + count;
            IsBroken = false;
        }

        public MsgPackKind Peek()
        {
            if (IsBroken || _at >= _end)
            {
                return MsgPackKind.Broken;
            }
            int head = _bytes[_at];
            if (head < 0x80 || head >= 0xe0 || (head >= 0xcc && head <= 0xd3))
            {
                return MsgPackKind.Integer;
            }
            if (head < 0x90 || head == 0xde || head == 0xdf)
            {
                return MsgPackKind.Map;
            }
            if (head < 0xa0 || head == 0xdc || head == 0xdd)
            {
                return MsgPackKind.Array;
            }
            if (head < 0xc0 || (head >= 0xd9 && head <= 0xdb))
            {
                return MsgPackKind.String;
            }
            return PeekSimple(head);
        }

        static MsgPackKind PeekSimple(int head)
        {
            switch (head)
            {
                case 0xc0: return MsgPackKind.Nil;
                case 0xc2:
                case 0xc3: return MsgPackKind.Boolean;
                case 0xca:
                case 0xcb: return MsgPackKind.Float;
                default: return MsgPackKind.Broken;
            }
        }

        /// <summary>Number of names in a map.</summary>
        public int MapHeader()
        {
            return Peek() == MsgPackKind.Map ? Header(0x80, 0x0f, 0xde) : (int)Break();
        }

        /// <summary>Number of items in a list.</summary>
        public int ArrayHeader()
        {
            return Peek() == MsgPackKind.Array ? Header(0x90, 0x0f, 0xdc) : (int)Break();
        }

        /// <summary>Text; the same bytes give the same object, so that nothing is allocated.</summary>
        public string String()
        {
            if (Peek() != MsgPackKind.String)
            {
                Break();
                return "";
            }
            int head = _bytes[_at];
            int count = head < 0xc0 ? Header(0xa0, 0x1f, 0) : (int)AfterHead(1 << (head - 0xd9));
            if (count < 0 || count > _end - _at)
            {
                Break();
                return "";
            }
            string text = _texts.Text(_bytes, _at, count);
            _at += count;
            IsBroken |= text == null;
            return text ?? "";
        }

        /// <summary>An integer; one above the range of a long comes as the greatest long.</summary>
        public long Integer()
        {
            if (Peek() != MsgPackKind.Integer)
            {
                return Break();
            }
            int head = _bytes[_at];
            if (head < 0x80 || head >= 0xe0)
            {
                _at++;
                return (sbyte)head;
            }
            int size = 1 << (head & 3);
            long value = AfterHead(size);
            if (head >= 0xd0)
            {
                int unused = 64 - 8 * size;
                return value << unused >> unused;
            }
            return value < 0 ? long.MaxValue : value;
        }

        /// <summary>A float of either size.</summary>
        public double Float()
        {
            if (Peek() != MsgPackKind.Float)
            {
                return Break();
            }
            if (_bytes[_at] == 0xcb)
            {
                return BitConverter.Int64BitsToDouble(AfterHead(8));
            }
            return new FloatBits { Bits = (uint)AfterHead(4) }.Value;
        }

        /// <summary>Pass over one value, whatever is in it.</summary>
        public void Skip()
        {
            for (long left = 1; left > 0 && !IsBroken; left--)
            {
                switch (Peek())
                {
                    case MsgPackKind.Nil:
                    case MsgPackKind.Boolean: _at++; break;
                    case MsgPackKind.Integer: Integer(); break;
                    case MsgPackKind.Float: Float(); break;
                    case MsgPackKind.String: String(); break;
                    case MsgPackKind.Array: left += ArrayHeader(); break;
                    case MsgPackKind.Map: left += 2 * MapHeader(); break;
                    default: Break(); break;
                }
            }
        }

        /// <summary>A list of texts; null if it is something else.</summary>
        public List<string> Strings()
        {
            var texts = new List<string>();
            bool isRight = true;
            for (int left = ArrayHeader(); left > 0 && !IsBroken; left--)
            {
                isRight &= Peek() == MsgPackKind.String;
                if (isRight)
                {
                    texts.Add(String());
                }
                else
                {
                    Skip();
                }
            }
            return isRight ? texts : null;
        }

        int Header(int shortest, int mask, int with16Bits)
        {
            int head = _bytes[_at];
            if ((head & ~mask) == shortest)
            {
                _at++;
                return head & mask;
            }
            long count = AfterHead(head == with16Bits ? 2 : 4);
            return count <= _mostItems ? (int)count : (int)Break();
        }

        /// <summary>The big-endian number behind the first byte of a value.</summary>
        long AfterHead(int size)
        {
            if (_end - _at - 1 < size)
            {
                return Break();
            }
            long value = 0;
            for (int n = 1; n <= size; n++)
            {
                value = value << 8 | _bytes[_at + n];
            }
            _at += 1 + size;
            return value;
        }

        long Break()
        {
            IsBroken = true;
            _at = _end;
            return 0;
        }

        [StructLayout(LayoutKind.Explicit)]
        struct FloatBits
        {
            [FieldOffset(0)] public uint Bits;
            [FieldOffset(0)] public float Value;
        }
    }
}
