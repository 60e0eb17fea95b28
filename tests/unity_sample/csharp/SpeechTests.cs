using System;
using System.Collections.Generic;
using System.Threading;

namespace Umo.Tests
{
    /// <summary>Sound, and motion in step with it; the audio thread is a call.</summary>
    static class SpeechTests
    {
        const int _rate = 24000, _output = 48000, _block = 1024;
        const double _picture = 1 / 60.0;

        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["sound_is_what_was_pushed"] = _ => Exact();
            tests["sound_at_another_rate"] = _ => Resampled();
            tests["sound_stands_and_fades"] = _ => Fades();
            tests["sound_of_two_threads"] = _ => Threads();
            tests["clips_are_resampled"] = _ => Clips();
            tests["playhead_is_even"] = _ => Playhead();
            tests["speech_waits_for_motion"] = _ => Waits();
            tests["speech_loses_patience"] = _ => LosesPatience();
            tests["speech_without_a_device"] = _ => Deaf();
            tests["segments_follow_without_a_gap"] = _ => Follow();
            tests["interrupted_speech_stops"] = _ => Interrupted();
            tests["pictures_cost_no_garbage"] = _ => NoGarbage();
        }

        #region Sound

        static float[] Tone(int count, int rateHz, double pitchHz)
        {
            var tone = new float[count];
            for (int n = 0; n < count; n++)
            {
                tone[n] = (float)(0.5 * Math.Sin(2 * Math.PI * pitchHz * n / rateHz));
            }
            return tone;
        }

        static float[] Read(SpeechSound sound, int numBlocks, int channels, int outputHz)
        {
            var heard = new List<float>();
            for (int n = 0; n < numBlocks; n++)
            {
                var data = new float[_block * channels];
                for (int at = 0; at < data.Length; at++)
                {
                    data[at] = at % channels == 0 ? 1 : 0.5f; // Unity has panned it
                }
                sound.Read(data, channels, outputHz);
                for (int at = 0; at < data.Length; at += channels)
                {
                    Check.Near(data[at] / 2, data[at + channels - 1] * (channels == 1 ? 0.5 : 1), 1e-6, "the other channel");
                    heard.Add(data[at]);
                }
            }
            return heard.ToArray();
        }

        static void Exact()
        {
            var sound = new SpeechSound(_output);
            float[] tone = Tone(3 * _block, _output, 440);
            sound.Add(tone, 0, 1000);
            sound.Add(tone, 1000, tone.Length - 1000);
            sound.Allowed = long.MaxValue;
            float[] heard = Read(sound, 2, 2, _output);
            for (int n = 300; n < heard.Length; n++) // it has faded in
            {
                Check.Near(tone[n - 2], heard[n], 1e-6, "sample " + n);
            }
            Check.Equal(2L * _block, sound.NumRead, "read");
        }

        static void Resampled()
        {
            foreach (int rate in new[] { 16000, 22050, 24000, 44100, 48000, 96000 })
            {
                var sound = new SpeechSound(rate);
                sound.Add(Tone(rate, rate, 300), 0, rate);
                sound.Allowed = long.MaxValue;
                float[] heard = Read(sound, 20, 1, _output);
                Check.Near(20.0 * _block * rate / _output, sound.NumRead, 1, "pace at " + rate);
                double late = 2.0 / rate, worst = 0; // two samples are held back
                for (int n = 1000; n < heard.Length; n++)
                {
                    double seconds = (n + 1.0) / _output - 1.0 / rate - late;
                    worst = Math.Max(worst, Math.Abs(0.5 * Math.Sin(2 * Math.PI * 300 * seconds) - heard[n]));
                }
                Check.True(worst < 0.002, "at " + rate + " worst " + worst);
            }
        }

        static void Fades()
        {
            var sound = new SpeechSound(_output);
            sound.Add(Tone(48000, _output, 440), 0, 48000);
            Check.Near(0, Loudest(Read(sound, 2, 1, _output)), 0, "without permission");
            Check.Equal(0L, sound.NumRead, "read");
            sound.Allowed = 5000;
            float[] heard = Read(sound, 8, 1, _output);
            Check.Equal(5000L, sound.NumRead, "read");
            Check.Near(0, Loudest(heard, 5300), 0, "silence");
            CheckNoClick(heard);
            sound.Allowed = 20000;
            Check.Near(0.5, Loudest(Read(sound, 2, 1, _output)), 0.01, "goes on");
            sound.IsPaused = true;
            long read = sound.NumRead;
            CheckNoClick(Read(sound, 2, 1, _output));
            Check.Equal(read, sound.NumRead, "paused");
            sound.IsPaused = false;
            Check.Near(0.5, Loudest(Read(sound, 2, 1, _output)), 0.01, "goes on");
            sound.Clear();
            heard = Read(sound, 2, 1, _output);
            CheckNoClick(heard);
            Check.Near(0, Loudest(heard, 300), 0, "cleared");
            Check.Equal(sound.NumRead, sound.Added, "nothing waits");
            sound.Add(new float[] { 1, 1, 1 }, 1, 2);
            sound.Allowed = long.MaxValue;
            sound.Skip(10);
            Check.Equal(sound.NumRead, sound.Added, "skipped what there was");
        }

        static float Loudest(float[] heard, int from = 0)
        {
            float loudest = 0;
            for (int n = from; n < heard.Length; n++)
            {
                loudest = Math.Max(loudest, Math.Abs(heard[n]));
            }
            return loudest;
        }

        static void CheckNoClick(float[] heard)
        {
            for (int n = 1; n < heard.Length; n++)
            {
                Check.Near(heard[n - 1], heard[n], 0.04, "a click at " + n); // the tone has 0.03
            }
        }

        /// <summary>Samples count up; none may be lost, doubled or out of order.</summary>
        static void Threads()
        {
            const int count = 400000;
            var sound = new SpeechSound(_output) { Allowed = long.MaxValue };
            var writer = new Thread(() =>
            {
                for (int n = 0; n < count; n += 100)
                {
                    var part = new float[100];
                    for (int at = 0; at < 100; at++)
                    {
                        part[at] = n + at + 1;
                    }
                    sound.Add(part, 0, 100);
                    Check.True(sound.NumRead <= sound.Added, "order");
                }
            });
            writer.Start();
            float last = 0;
            while (sound.NumRead < count)
            {
                foreach (float value in Read(sound, 1, 1, _output))
                {
                    bool isFull = value == Math.Round(value) && value > 0;
                    Check.True(!isFull || value >= last || value < last - 2, "backwards from " + last + " to " + value);
                    last = isFull ? value : last;
                }
            }
            writer.Join();
            Check.Equal((long)count, sound.NumRead, "read");
        }

        static void Clips()
        {
            foreach (int from in new[] { 8000, 22050, 44100, 48000 })
            {
                float[] clip = Resampling.Convert(Tone(from, from, 1000), from, _rate);
                Check.Equal(_rate, clip.Length, "samples");
                for (int n = 200; n < _rate - 200; n++)
                {
                    Check.Near(0.5 * Math.Sin(2 * Math.PI * 1000 * n / _rate), clip[n], 0.005, from + " at " + n);
                }
            }
            float[] high = Resampling.Convert(Tone(48000, 48000, 15000), 48000, _rate);
            for (int n = 200; n < high.Length - 200; n++)
            {
                Check.Near(0, high[n], 0.002, "what the lower rate cannot have is gone");
            }
            Check.Near(0.25, Resampling.Mono(new[] { 0.5f, 0, 1, 1 }, 2)[0], 1e-6, "mono");
        }

        /// <summary>Read in blocks of 21 ms, shown 60 times a second.</summary>
        static void Playhead()
        {
            const double latency = 0.043, block = (double)_block / _output;
            var playhead = new SoundPlayhead();
            double last = 0, now = 100;
            for (int picture = 0; picture < 240; picture++, now += picture == 100 ? 0.2 : _picture)
            {
                double began = 100.5, end = 2.5, played = Math.Max(0, now - began);
                double read = Math.Min(end, (Math.Floor(played / block) + (played > 0 ? 1 : 0)) * block);
                double seconds = playhead.Update(now, read, latency);
                Check.True(seconds >= last && seconds <= read, "from " + last + " to " + seconds + " of " + read);
                if (played > 0.3 && read < end)
                {
                    Check.Near(played - latency, seconds, 0.02, "place");
                    Check.True(picture == 100 || seconds - last < 1.5 * _picture + 1e-9, "a jump at " + picture + " from " + last + " to " + seconds);
                }
                last = seconds;
            }
            Check.Equal(2.5, last, "it comes to its end");
            playhead.Cut(3);
            Check.Equal(3.0, playhead.Update(now, 3, latency), "cut");
            Check.Equal(3.0, playhead.Update(now + 0.01, 3.02, latency), "before it is at the loudspeaker");
        }

        #endregion

        #region In step with motion

        /// <summary>A character without a server, a clock, an audio thread that comes when due.</summary>
        sealed class Show : IDisposable
        {
            public const double Latency = 0.043;
            readonly UmoClient _client;
            readonly Pose _pose = new Pose();
            readonly float[] _data = new float[_block];
            double _nextBlock;
            long _numFrames;
            public double Now = 50;
            public readonly Npc Npc;
            public readonly SpeechPlayback Playback;
            public readonly List<int> Finished = new List<int>();
            public bool HasDevice = true;

            public Show()
            {
                _client = new UmoClient("tcp://127.0.0.1:1", new ClientOptions { Clock = () => Now });
                Npc = _client.Open("npc", new NpcOptions { RateHz = _rate });
                Npc.Take(new ServerMessage { Kind = MessageKind.Opened });
                Playback = new SpeechPlayback(Npc);
                Playback.Finished += Finished.Add;
                _nextBlock = Now;
            }

            public void Say(double seconds)
            {
                float[] tone = Tone((int)(seconds * _rate), _rate, 300);
                Playback.Say(tone, 0, tone.Length);
            }

            /// <summary>Motion of a segment comes, from a time to another.</summary>
            public void Motion(int segment, double from, double to)
            {
                for (int n = (int)Math.Round(30 * from); n < (int)Math.Round(30 * to); n++)
                {
                    Frame frame = _client.Frames.Rent();
                    frame.Index = _numFrames++;
                    frame.Segment = segment;
                    frame.PtsSeconds = n / 30.0;
                    Npc.Take(frame);
                }
            }

            public void Ended(int segment, double seconds)
            {
                Npc.Take(new ServerMessage { Kind = MessageKind.Ended, Segment = segment, DurationSeconds = seconds });
            }

            /// <summary>Pictures for some seconds; the playhead never goes back.</summary>
            public void Run(double seconds)
            {
                for (double end = Now + seconds; Now < end - 1e-9; Now += _picture)
                {
                    for (; HasDevice && _nextBlock <= Now; _nextBlock += (double)_block / _output)
                    {
                        Playback.Sound.Read(_data, 1, _output);
                    }
                    int segment = Playback.HeardSegment;
                    double heard = Playback.HeardSeconds;
                    Playback.Update(Now, Latency);
                    Check.True(Playback.HeardSegment != segment || Playback.HeardSeconds >= heard, "backwards");
                    Npc.Sample(_pose);
                }
            }

            public double Read => (double)Playback.Sound.NumRead / _rate;

            public void Dispose()
            {
                Playback.Dispose();
                _client.Dispose();
            }
        }

        static void Waits()
        {
            using (var show = new Show())
            {
                show.Say(1);
                show.Playback.End();
                show.Run(0.3);
                Check.Equal(0.0, show.Read, "no motion, no sound");
                show.Motion(1, 0, 0.1);
                show.Run(0.1);
                Check.Equal(0.0, show.Read, "too little motion");
                show.Motion(1, 0.1, 0.5);
                show.Run(0.4);
                Check.Near(0.4 - Show.Latency, show.Playback.HeardSeconds, 0.05, "heard");
                show.Run(0.3);
                Check.True(show.Read > 0.45 && show.Read <= 0.501, "sound never runs ahead of motion: " + show.Read);
                show.Motion(1, 0.5, 1);
                show.Ended(1, 1);
                show.Run(0.4);
                Check.Equal(0, show.Finished.Count, "it is not over");
                show.Run(0.3);
                Check.Equal("1", string.Join(" ", show.Finished), "over");
                Check.True(!show.Playback.IsSpeaking, "silent");
                Check.Equal(1.0, show.Read, "all of it");
            }
        }

        static void LosesPatience()
        {
            using (var show = new Show())
            {
                show.Say(1);
                show.Playback.End();
                show.Run(0.9);
                Check.Equal(0.0, show.Read, "it waits");
                show.Run(1.3);
                Check.Equal("1", string.Join(" ", show.Finished), "without a server it was heard all the same");
            }
        }

        static void Deaf()
        {
            using (var show = new Show { HasDevice = false })
            {
                show.Say(1);
                show.Playback.End();
                show.Motion(1, 0, 1);
                show.Ended(1, 1);
                show.Run(0.8);
                Check.Near(0.8 - 0.25, show.Read, 0.05, "time moves it on");
                show.Playback.Sound.IsPaused = true;
                show.Run(0.5);
                Check.Near(0.8 - 0.25, show.Read, 0.05, "not while it is paused");
                show.Playback.Sound.IsPaused = false;
                show.Run(1.2);
                Check.Equal("1", string.Join(" ", show.Finished), "over");
            }
        }

        static void Follow()
        {
            using (var show = new Show())
            {
                for (int segment = 1; segment < 4; segment++)
                {
                    show.Say(0.5);
                    show.Playback.End();
                    show.Motion(segment, 0, 0.5);
                    show.Ended(segment, 0.5);
                }
                show.Run(0.9);
                Check.Equal(2, show.Playback.HeardSegment, "segment");
                Check.Near(0.9 - Show.Latency - 0.5, show.Playback.HeardSeconds, 0.05, "place");
                show.Run(0.75);
                Check.Equal("1 2 3", string.Join(" ", show.Finished), "order");
            }
        }

        static void Interrupted()
        {
            using (var show = new Show())
            {
                show.Say(2);
                show.Playback.End();
                show.Motion(1, 0, 2);
                show.Run(0.5);
                Check.Near(0.5 - Show.Latency, show.Playback.Interrupt(), 0.05, "heard");
                Check.Equal(0.0, show.Npc.BufferedSeconds(1), "motion");
                show.Run(0.3);
                Check.Near(0.5, show.Read, 0.05, "it stops");
                show.Npc.Take(new ServerMessage { Kind = MessageKind.Cleared, Segment = 1 });
                show.Say(0.5);
                show.Playback.End();
                show.Motion(2, 0, 0.5);
                show.Ended(2, 0.5);
                show.Run(0.8);
                Check.Equal("2", string.Join(" ", show.Finished), "the next one is heard");
                show.Npc.Close();
                show.Playback.Interrupt();
                Check.Fails("closed", () => show.Say(0.1));
            }
        }

        /// <summary>What components do for every picture and every block of sound.</summary>
        static void NoGarbage()
        {
            var rest = new RestPose();
            var names = new List<string>();
            foreach (HumanoidBone bone in Humanoid.Bones)
            {
                names.Add(bone.Name);
                rest.Add(bone.Name, Rotation.Identity, Rotation.Identity, bone.Offset);
            }
            var retargeting = new Retargeting(rest, names);
            var face = new FaceMap(ArkitBlendshapes.Names);
            face.Add(new[] { "jawOpen", "aa", "Blink" });
            var pose = new Pose();
            using (var show = new Show())
            {
                show.Say(60);
                show.Motion(1, 0, 60);
                show.Run(2);
                GC.Collect();
                int before = GC.CollectionCount(0);
                for (int n = 0; n < 10000; n++)
                {
                    for (int bone = 0; bone < names.Count; bone++)
                    {
                        retargeting.Local(bone, pose);
                    }
                    retargeting.Hips(pose);
                    face.Weigh(pose);
                }
                show.Run(50);
                Check.Equal(before, GC.CollectionCount(0), "collections");
            }
        }

        #endregion
    }
}
