using System;

namespace Umo
{
    /// <summary>Audio samples as bytes of the wire.</summary>
    internal sealed class SampleBytes
    {
        readonly bool _isS16;

        public SampleBytes(SampleFormat format)
        {
            _isS16 = format == SampleFormat.S16;
        }

        public int PerSample => _isS16 ? 2 : 4;

        /// <summary>Of one message.</summary>
        public int MostSamples => Wire.MostAudioBytes / PerSample;

        /// <exception cref="UmoException">Some are not finite.</exception>
        public byte[] Of(float[] samples, int offset, int count)
        {
            for (int n = offset; n < offset + count; n++)
            {
                if (float.IsNaN(samples[n]) || float.IsInfinity(samples[n]))
                {
                    throw new UmoException(
                        "audio", "sample " + n + " is " + samples[n] + "; give floats in -1..1");
                }
            }
            var bytes = new byte[PerSample * count];
            if (!_isS16)
            {
                Buffer.BlockCopy(samples, 4 * offset, bytes, 0, bytes.Length);
                return bytes;
            }
            for (int n = 0; n < count; n++)
            {
                double value = Math.Round(32768.0 * samples[offset + n]);
                Put((short)Math.Max(-32768, Math.Min(32767, value)), bytes, 2 * n);
            }
            return bytes;
        }

        public byte[] Of(short[] samples, int offset, int count)
        {
            var bytes = new byte[PerSample * count];
            if (_isS16)
            {
                Buffer.BlockCopy(samples, 2 * offset, bytes, 0, bytes.Length);
                return bytes;
            }
            var floats = new float[count];
            for (int n = 0; n < count; n++)
            {
                floats[n] = samples[offset + n] / 32768f;
            }
            Buffer.BlockCopy(floats, 0, bytes, 0, bytes.Length);
            return bytes;
        }

        static void Put(short value, byte[] bytes, int at)
        {
            bytes[at] = (byte)value;
            bytes[at + 1] = (byte)(value >> 8);
        }
    }
}
