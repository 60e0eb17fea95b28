using System;

namespace UnityEngine
{
    public sealed class AudioListener : Behaviour { public static bool pause { get; set; } }

    public sealed class AudioClip : Object
    {
        float[] _data;
        public int samples { get; private set; }
        public int channels { get; private set; }
        public int frequency { get; private set; }

        public static AudioClip Create(string name, int samples, int channels, int frequency, bool stream)
        {
            return new AudioClip
            {
                name = name, samples = samples, channels = channels, frequency = frequency,
                _data = new float[samples * channels],
            };
        }

        public bool SetData(float[] data, int offset)
        {
            Array.Copy(data, 0, _data, offset * channels, data.Length);
            return true;
        }

        public bool GetData(float[] data, int offset)
        {
            Array.Copy(_data, offset * channels, data, 0, data.Length);
            return true;
        }
    }

    /// <summary>Clips at the output rate only: what this one plays is a constant.</summary>
    public sealed class AudioSource : Behaviour
    {
        int _at;
        volatile bool _isPlaying;
        public volatile float Loudest; // what came out lately; of the tests
        public AudioClip clip { get; set; }
        public bool loop { get; set; }
        public float volume { get; set; } = 1;
        public float spatialBlend { get; set; }
        public int timeSamples => _at;
        public void Play() { _isPlaying = true; }
        public void Stop() { _isPlaying = false; }

        internal void Mix(float[] data, int channels)
        {
            AudioClip its = clip;
            Array.Clear(data, 0, data.Length);
            if (!_isPlaying || its == null)
            {
                return;
            }
            var one = new float[1];
            for (int n = 0; n + channels <= data.Length; n += channels, _at = (_at + 1) % its.samples)
            {
                its.GetData(one, _at);
                for (int channel = 0; channel < channels; channel++)
                {
                    data[n + channel] = volume * one[0];
                }
            }
        }
    }

    public static class AudioSettings
    {
        public delegate void AudioConfigurationChangeHandler(bool deviceWasChanged);
        public static event AudioConfigurationChangeHandler OnAudioConfigurationChanged;
        public static int outputSampleRate { get; set; } = 48000;
        public static int NumListeners => OnAudioConfigurationChanged == null ? 0 : OnAudioConfigurationChanged.GetInvocationList().Length;

        public static void GetDSPBufferSize(out int length, out int count)
        {
            length = Engine.BlockLength;
            count = 2;
        }
    }

    public static class Microphone
    {
        public static AudioClip Start(string device, bool loop, int seconds, int rate)
        {
            return AudioClip.Create("microphone", seconds * rate, 1, rate, false);
        }

        public static int GetPosition(string device) { return 0; }
        public static void End(string device) { }
    }
}
