using System;
using System.Collections.Generic;
using UnityEngine;

namespace Umo
{
    /// <summary>Plays what a character says, in step with its lips; on its object or a bone below.
    /// </summary>
    /// <remarks>
    /// The AudioSource plays a clip of ones, which Unity makes louder, softer and moves in space; they
    /// are multiplied by the speech on the audio thread. So the place of the sound is known to the
    /// sample, at any output rate.
    /// </remarks>
    [RequireComponent(typeof(AudioSource)), DisallowMultipleComponent, AddComponentMenu("UMo/UMo Voice")]
    public sealed class UmoVoice : MonoBehaviour
    {
        [SerializeField, Range(0, 0.5f), Tooltip("Seconds to the ear beyond Unity's own: 0.15 to 0.3 for Bluetooth.")]
        float extraLatencySeconds;

        [SerializeField, Range(0, 10), Tooltip("Seconds that the sound waits for motion before it goes on without.")]
        float patienceSeconds = 1;

        [NonSerialized] UmoAvatar _avatar;
        [NonSerialized] SpeechPlayback _playback;
        [NonSerialized] volatile SpeechSound _sound; // for the audio thread
        [NonSerialized] AudioSource _source;
        [NonSerialized] AudioClip _ones;
        [NonSerialized] bool _isPaused;
        [NonSerialized] int _outputHz;
        [NonSerialized] double _latencySeconds;

        /// <summary>Whether something was said that was not heard to its end.</summary>
        public bool IsSpeaking => _playback != null && _playback.IsSpeaking;

        /// <summary>How much of the segment that sounds was heard.</summary>
        public double HeardSeconds => _playback == null ? 0 : _playback.HeardSeconds;

        /// <summary>A segment was heard to its end; its number.</summary>
        public event Action<int> Finished;

        /// <summary>Hold the sound, and with it the lips.</summary>
        public bool IsPaused
        {
            get { return _isPaused; }
            set { _isPaused = value; }
        }

        /// <summary>Say a whole clip; behind what is said already.</summary>
        /// <param name="clip">Of any rate and channels; its Load Type is Decompress On Load.</param>
        /// <param name="words">What it says, if that is known.</param>
        /// <returns>The segment's number; 0: the clip could not be read, which was logged.</returns>
        public int Say(AudioClip clip, IReadOnlyList<string> words = null)
        {
            var samples = new float[clip.samples * clip.channels];
            if (!clip.GetData(samples, 0))
            {
                Debug.LogWarning("UMo: \"" + clip.name + "\" cannot be read; set its Load Type to Decompress On Load", clip);
                return 0;
            }
            samples = Resampling.Mono(samples, clip.channels);
            samples = Resampling.Convert(samples, clip.frequency, Playback().Npc.RateHz);
            if (words != null)
            {
                Playback().Npc.Text(words);
            }
            int segment = Say(samples, 0, samples.Length);
            End();
            return segment;
        }

        /// <summary>Say speech as it comes, such as from a voice service; then <see cref="End"/>.
        /// </summary>
        /// <param name="samples">Mono, -1 to 1, at the rate of the avatar.</param>
        /// <param name="offset">Of the first.</param>
        /// <param name="count">How many.</param>
        /// <returns>The segment's number.</returns>
        /// <exception cref="UmoException">"audio": samples are not finite; "closed": the avatar is
        /// off.</exception>
        public int Say(float[] samples, int offset, int count)
        {
            return Playback().Say(samples, offset, count);
        }

        /// <summary>The current segment is complete; the next speech begins another.</summary>
        public void End()
        {
            if (_playback != null)
            {
                _playback.End();
            }
        }

        /// <summary>Stop the sound, forget what waits, close the mouth.</summary>
        /// <returns>How many seconds of the segment were heard.</returns>
        public double Interrupt()
        {
            return _playback == null ? 0 : _playback.Interrupt();
        }

        void OnEnable()
        {
            _avatar = GetComponentInParent<UmoAvatar>();
            _source = GetComponent<AudioSource>();
            ReadSettings(false);
            AudioSettings.OnAudioConfigurationChanged += ReadSettings;
            PlayOnes();
        }

        void Update()
        {
            if (_avatar == null || _avatar.Npc == null)
            {
                Forget();
            }
            else
            {
                SpeechPlayback playback = Playback();
                playback.PatienceSeconds = patienceSeconds;
                playback.Sound.IsPaused = _isPaused || AudioListener.pause;
                playback.Update(Time.realtimeSinceStartupAsDouble, _latencySeconds + extraLatencySeconds);
            }
        }

        void OnDisable()
        {
            AudioSettings.OnAudioConfigurationChanged -= ReadSettings;
            _source.Stop();
            _source.clip = null;
            Destroy(_ones);
            Forget();
        }

        void OnAudioFilterRead(float[] data, int channels)
        {
            SpeechSound sound = _sound;
            if (sound == null)
            {
                Array.Clear(data, 0, data.Length);
            }
            else
            {
                sound.Read(data, channels, _outputHz);
            }
        }

        /// <summary>That of the avatar's character, which is another one after it was off.</summary>
        SpeechPlayback Playback()
        {
            if (_avatar == null || _avatar.Npc == null)
            {
                throw new UmoException("closed", "\"" + name + "\" has no UMo Avatar that is on; nobody can speak");
            }
            if (_playback == null || _playback.Npc != _avatar.Npc)
            {
                Forget();
                _playback = new SpeechPlayback(_avatar.Npc);
                _playback.Finished += segment => Finished?.Invoke(segment);
                _sound = _playback.Sound;
            }
            return _playback;
        }

        void Forget()
        {
            _sound = null;
            if (_playback != null)
            {
                _playback.Dispose();
                _playback = null;
            }
        }

        void ReadSettings(bool deviceWasChanged)
        {
            int length, count;
            AudioSettings.GetDSPBufferSize(out length, out count);
            _outputHz = AudioSettings.outputSampleRate;
            _latencySeconds = (double)length * count / _outputHz;
            if (deviceWasChanged)
            {
                _source.Play(); // the change has stopped it
            }
        }

        void PlayOnes()
        {
            var ones = new float[_outputHz];
            for (int n = 0; n < ones.Length; n++)
            {
                ones[n] = 1;
            }
            _ones = AudioClip.Create("UMo voice", ones.Length, 1, _outputHz, false);
            _ones.SetData(ones, 0);
            _source.clip = _ones;
            _source.loop = true;
            _source.Play();
        }
    }
}
