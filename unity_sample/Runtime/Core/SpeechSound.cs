using System;
using System.Collections.Generic;

namespace Umo
{
    /// <summary>What a character says, as sound: the game pushes, the audio thread reads.</summary>
    /// <remarks>For both threads. The lock is held for a block by the reader, and by the game for a
    /// few instructions at a time, so that the reader never waits. Where there is nothing to read, or
    /// no permission, the sound fades out in milliseconds and its place stands.</remarks>
    public sealed class SpeechSound
    {
        const double _fadeSeconds = 0.005;
        readonly object _gate = new object();
        readonly Queue<float[]> _parts = new Queue<float[]>();
        readonly int _rateHz;
        float[] _part = new float[0];
        int _next; // sample of the part
        long _added, _read, _allowed;
        float _a, _b, _c, _d; // the last four samples
        double _between; // b and c: 0 to 1
        float _gain;
        int _numBlocks;
        bool _isPaused;

        /// <param name="rateHz">Of what is pushed, samples a second.</param>
        public SpeechSound(int rateHz)
        {
            _rateHz = rateHz;
        }

        /// <summary>Samples a second.</summary>
        public int RateHz => _rateHz;

        /// <summary>Samples that were pushed, since the beginning.</summary>
        public long Added
        {
            get { lock (_gate) { return _added; } }
        }

        /// <summary>Samples that were read, since the beginning.</summary>
        public long NumRead
        {
            get { lock (_gate) { return _read; } }
        }

        /// <summary>How often the audio thread came.</summary>
        public int NumBlocks
        {
            get { lock (_gate) { return _numBlocks; } }
        }

        /// <summary>Up to which sample may be read, counted as <see cref="Added"/>.</summary>
        public long Allowed
        {
            get { lock (_gate) { return _allowed; } }
            set { lock (_gate) { _allowed = value; } }
        }

        /// <summary>Whether it stands, for now.</summary>
        public bool IsPaused
        {
            get { lock (_gate) { return _isPaused; } }
            set { lock (_gate) { _isPaused = value; } }
        }

        /// <summary>Push samples.</summary>
        /// <param name="samples">-1 to 1; they are copied.</param>
        /// <param name="offset">Of the first.</param>
        /// <param name="count">How many.</param>
        public void Add(float[] samples, int offset, int count)
        {
            var part = new float[count];
            Array.Copy(samples, offset, part, 0, count);
            lock (_gate)
            {
                _parts.Enqueue(part);
                _added += count;
            }
        }

        /// <summary>Forget all that was not read.</summary>
        public void Clear()
        {
            lock (_gate)
            {
                _parts.Clear();
                _next = _part.Length;
                _added = _allowed = _read;
            }
        }

        /// <summary>Let samples pass unheard, as many as there are and may be read: where no audio thread
        /// comes.</summary>
        public void Skip(long count)
        {
            lock (_gate)
            {
                while (count-- > 0 && Shift())
                {
                }
            }
        }

        /// <summary>Multiply a block of the output by the sound; called on the audio thread.</summary>
        /// <param name="data">Samples of all channels in turn.</param>
        /// <param name="channels">How many.</param>
        /// <param name="outputHz">Samples a second of each.</param>
        public void Read(float[] data, int channels, int outputHz)
        {
            float fade = (float)(1 / (_fadeSeconds * outputHz));
            double step = (double)_rateHz / outputHz;
            lock (_gate)
            {
                _numBlocks++;
                for (int at = 0; at + channels <= data.Length; at += channels)
                {
                    bool isOn = Step(step);
                    _gain = Math.Max(0, Math.Min(1, _gain + (isOn ? fade : -fade)));
                    float value = _gain * Value();
                    for (int channel = 0; channel < channels; channel++)
                    {
                        data[at + channel] *= value;
                    }
                }
            }
        }

        /// <summary>Go on by some of the samples; false if there are none.</summary>
        bool Step(double step)
        {
            double between = _between + step;
            while (between >= 1)
            {
                if (!Shift())
                {
                    return false;
                }
                between -= 1;
            }
            _between = between;
            return true;
        }

        bool Shift()
        {
            if (_isPaused || _read >= _allowed)
            {
                return false;
            }
            while (_next >= _part.Length)
            {
                if (_parts.Count == 0)
                {
                    return false;
                }
                _part = _parts.Dequeue();
                _next = 0;
            }
            _a = _b;
            _b = _c;
            _c = _d;
            _d = _part[_next++];
            _read++;
            return true;
        }

        /// <summary>Between b and c, on the cubic through all four (E. Catmull, R. Rom, 1974).</summary>
        float Value()
        {
            float t = (float)_between;
            float slope = (_c - _a) / 2, nextSlope = (_d - _b) / 2, rise = _c - _b;
            return _b + t * (slope + t * (3 * rise - 2 * slope - nextSlope + t * (slope + nextSlope - 2 * rise)));
        }
    }
}
