using System;

namespace Umo
{
    /// <summary>Whole clips of speech at another rate.</summary>
    public static class Resampling
    {
        const int _lobes = 16, _numPhases = 512;

        /// <summary>The mean of all channels.</summary>
        /// <param name="samples">Samples of all channels in turn.</param>
        /// <param name="channels">How many.</param>
        public static float[] Mono(float[] samples, int channels)
        {
            if (channels == 1)
            {
                return samples;
            }
            var mono = new float[samples.Length / channels];
            for (int n = 0; n < mono.Length; n++)
            {
                for (int channel = 0; channel < channels; channel++)
                {
                    mono[n] += samples[n * channels + channel] / channels;
                }
            }
            return mono;
        }

        /// <summary>The same sound at another rate, by a windowed sinc.</summary>
        /// <param name="samples">Mono.</param>
        /// <param name="fromHz">Their rate.</param>
        /// <param name="toHz">The rate wanted.</param>
        public static float[] Convert(float[] samples, int fromHz, int toHz)
        {
            if (fromHz == toHz)
            {
                return samples;
            }
            double cutoff = 0.95 * Math.Min(1, (double)toHz / fromHz); // of the band of the samples
            int reach = (int)Math.Ceiling(_lobes / cutoff);
            float[][] kernels = Kernels(cutoff, reach);
            var result = new float[(int)((long)samples.Length * toHz / fromHz)];
            for (int n = 0; n < result.Length; n++)
            {
                double place = (double)n * fromHz / toHz;
                int whole = (int)place;
                float[] kernel = kernels[(int)(_numPhases * (place - whole))];
                int first = whole - reach + 1, from = Math.Max(0, -first);
                int to = Math.Min(kernel.Length, samples.Length - first);
                double sum = 0;
                for (int at = from; at < to; at++)
                {
                    sum += kernel[at] * samples[first + at];
                }
                result[n] = (float)sum;
            }
            return result;
        }

        /// <summary>What the samples around a place between two of them weigh, for every phase.
        /// </summary>
        static float[][] Kernels(double cutoff, int reach)
        {
            var kernels = new float[_numPhases][];
            for (int phase = 0; phase < _numPhases; phase++)
            {
                kernels[phase] = new float[2 * reach];
                double sum = 0;
                for (int n = 0; n < 2 * reach; n++)
                {
                    double x = n - reach + 1 - (phase + 0.5) / _numPhases, angle = Math.PI * cutoff * x;
                    double window = 0.5 + 0.5 * Math.Cos(Math.PI * Math.Max(-1, Math.Min(1, x / reach)));
                    kernels[phase][n] = (float)(window * Math.Sin(angle) / angle);
                    sum += kernels[phase][n];
                }
                for (int n = 0; n < 2 * reach; n++)
                {
                    kernels[phase][n] /= (float)sum;
                }
            }
            return kernels;
        }
    }
}
