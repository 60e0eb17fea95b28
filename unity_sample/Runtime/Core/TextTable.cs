using System.Text;

namespace Umo
{
    /// <summary>Texts by their UTF-8 bytes: what comes again and again is made once.</summary>
    internal sealed class TextTable
    {
        const int _slots = 1024, _longest = 96;
        static readonly Encoding _utf8 = new UTF8Encoding(false, true);
        readonly string[] _texts = new string[_slots];
        readonly byte[][] _bytes = new byte[_slots][];

        /// <summary>The text that bytes hold; null if they hold none.</summary>
        public string Text(byte[] bytes, int offset, int count)
        {
            if (count == 0)
            {
                return "";
            }
            if (count > _longest)
            {
                return Decoded(bytes, offset, count);
            }
            int slot = Slot(bytes, offset, count);
            if (!IsIn(slot, bytes, offset, count))
            {
                _texts[slot] = Decoded(bytes, offset, count);
                _bytes[slot] = new byte[count];
                System.Buffer.BlockCopy(bytes, offset, _bytes[slot], 0, count);
            }
            return _texts[slot];
        }

        bool IsIn(int slot, byte[] bytes, int offset, int count)
        {
            byte[] known = _bytes[slot];
            if (known == null || known.Length != count)
            {
                return false;
            }
            for (int n = 0; n < count; n++)
            {
                if (known[n] != bytes[offset + n])
                {
                    return false;
                }
            }
            return true;
        }

        // FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv
        static int Slot(byte[] bytes, int offset, int count)
        {
            uint hash = 2166136261;
            for (int n = 0; n < count; n++)
            {
                hash = unchecked((hash ^ bytes[offset + n]) * 16777619);
            }
            return (int)((hash ^ hash >> 16) % _slots);
        }

        static string Decoded(byte[] bytes, int offset, int count)
        {
            try
            {
                return _utf8.GetString(bytes, offset, count);
            }
            catch (DecoderFallbackException)
            {
                return null;
            }
        }
    }
}
