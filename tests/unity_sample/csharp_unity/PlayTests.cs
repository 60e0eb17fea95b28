using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using UnityEngine;

namespace Umo.Tests
{
    /// <summary>Scenes at 60 pictures a second; the second argument is the server.</summary>
    static class PlayTests
    {
        const double _picture = 1 / 60.0;

        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["no_server"] = _ => NoServer();
            tests["wrong_use"] = _ => WrongUse();
            tests["talks"] = a => Talks(a[1], a[2]);
            tests["interrupted"] = a => Interrupted(a[1], a[2]);
            tests["spawns"] = a => Spawns(a[1]);
            tests["looks"] = a => Looks(a[1]);
            tests["start_and_stop"] = a => StartAndStop(a[1], int.Parse(a[2]));
            tests["samples"] = a => Samples(a[1]);
        }

        #region The scene

        static void Run(double seconds, Action each = null)
        {
            double end = Time.realtimeSinceStartupAsDouble + seconds;
            Until(() => Time.realtimeSinceStartupAsDouble >= end, "time", each);
        }

        static void Until(Func<bool> isSo, string what, Action each = null)
        {
            double next = Time.realtimeSinceStartupAsDouble, latest = next + 40;
            while (!isSo())
            {
                Check.True(next < latest, "it does not happen: " + what);
                Engine.Tick();
                if (each != null)
                {
                    each();
                }
                next = Math.Max(next + _picture, Time.realtimeSinceStartupAsDouble - 0.1);
                Thread.Sleep(Math.Max(0, (int)(1000 * (next - Time.realtimeSinceStartupAsDouble))));
            }
        }

        static AudioClip Speech(string file, int channels = 1)
        {
            byte[] bytes = File.ReadAllBytes(file);
            var samples = new float[bytes.Length / 2 * channels];
            for (int n = 0; n < samples.Length; n++)
            {
                samples[n] = BitConverter.ToInt16(bytes, n / channels * 2) / 32768f;
            }
            AudioClip clip = AudioClip.Create("speech", samples.Length / channels, channels, 16000, false);
            clip.SetData(samples, 0);
            return clip;
        }

        static UmoAvatar Model(Puppet puppet, UmoConnection connection, out SkinnedMeshRenderer face)
        {
            face = FaceTests.Mesh(puppet.Root, ArkitBlendshapes.Names.Select(name => "Face.M_F00_" + name.Replace("Left", "_L").Replace("Right", "_R")));
            puppet.Root.transform.position = new Vector3(1, 0, 2);
            puppet.Root.transform.rotation = Quaternion.AngleAxis(70, Vector3.up);
            var avatar = puppet.Root.AddComponent<UmoAvatar>();
            puppet.Root.AddComponent<UmoFace>();
            avatar.Configure(connection, "npc");
            return avatar;
        }

        static int Jaw => ArkitBlendshapes.Names.ToList().IndexOf("jawOpen");

        static int NumSessions => Engine.Alive.Count(each => each.GetComponent<UmoSession>() != null);

        static int NumWarnings => Engine.Written.Count(line => line.StartsWith("warning", StringComparison.Ordinal));

        static int Count(string folder)
        {
            return Directory.GetFileSystemEntries(folder).Length;
        }

        static void CheckGone()
        {
            Until(() => NumSessions + AudioSettings.NumListeners == 0, "sessions and listeners go");
        }

        #endregion

        static void NoServer()
        {
            Engine.HasAudio = true;
            var puppet = new Puppet("alone", name => name);
            SkinnedMeshRenderer face;
            UmoAvatar avatar = Model(puppet, UmoConnection.Create("tcp://127.0.0.1:1"), out face);
            UmoVoice voice = puppet.Root.AddComponent<UmoVoice>();
            Run(0.5);
            Check.Equal(1, NumWarnings, "it says so once");
            Check.True(avatar.Status.Contains("127.0.0.1:1"), avatar.Status);
            AudioClip tone = AudioClip.Create("tone", 12000, 1, 24000, false);
            tone.SetData(Enumerable.Range(0, 12000).Select(n => 0.3f * (n / 40 % 2)).ToArray(), 0);
            Check.Equal(1, voice.Say(tone), "segment");
            float loudest = 0;
            Until(() => !voice.IsSpeaking, "it is heard all the same", () => loudest = Math.Max(loudest, voice.GetComponent<AudioSource>().Loudest));
            Check.True(loudest > 0.2, "loudest " + loudest);
            Check.True(!avatar.HasPose, "pose");
            avatar.enabled = false;
            Engine.Tick();
            Check.True(avatar.Npc == null, "closed");
            Check.Fails("closed", () => voice.Say(new float[1], 0, 1));
            Check.Equal(0.0, voice.Interrupt(), "nothing to interrupt");
            UnityEngine.Object.Destroy(puppet.Root);
            CheckGone();
        }

        static void WrongUse()
        {
            var figure = new GameObject("wrong");
            var avatar = figure.AddComponent<UmoAvatar>();
            figure.AddComponent<UmoFace>();
            Run(0.05);
            Check.True(Engine.Written.Any(line => line.Contains("\"wrong\" has no connection")), "it says so");
            Check.True(Engine.Written.Any(line => line.Contains("0 of 55 bones found")), "and that there are no bones");
            avatar.Configure(UmoConnection.Create("http://example.org"));
            Run(0.05);
            Check.True(Engine.Written.Any(line => line.Contains("http://example.org")), "a wrong address");
            Check.True(avatar.Npc == null, "nobody");
            var mute = new GameObject("mute").AddComponent<UmoVoice>();
            Run(0.05);
            Check.Fails("closed", () => mute.Say(new float[1], 0, 1));
            var lost = new GameObject("lost").AddComponent<UmoFace>();
            Run(0.05);
            Check.True(Engine.Written.Any(line => line.Contains("\"lost\" has no UMo Avatar above")), "a face without avatar");
            UnityEngine.Object.Destroy(figure);
            UnityEngine.Object.Destroy(mute.gameObject);
            UnityEngine.Object.Destroy(lost.gameObject);
            CheckGone();
        }

        /// <summary>Two clips, one of them in stereo: bones stand as the pose says, the mouth moves with
        /// the sound and rests without.</summary>
        static void Talks(string url, string file)
        {
            Engine.HasAudio = true;
            var puppet = new Puppet("npc", RigTests.Mixamo);
            SkinnedMeshRenderer face;
            UmoAvatar avatar = Model(puppet, UmoConnection.Create(url), out face);
            UmoVoice voice = puppet.Root.AddComponent<UmoVoice>();
            AudioSource source = voice.GetComponent<AudioSource>();
            var finished = new List<int>();
            voice.Finished += finished.Add;
            Until(() => avatar.HasPose, "motion");
            Check.Equal(1, voice.Say(Speech(file), new[] { "to", "be", "or", "not" }), "segment");
            Check.Equal(2, voice.Say(Speech(file, 2)), "segment");
            double last = 0, worst = 0, open = 0, silentOpen = 0, mostTurn = 0, began = 0;
            int numSounding = 0, numOpen = 0;
            Quaternion before = puppet.Turned("RightHand");
            Until(() => finished.Count == 2, "both are heard", () =>
            {
                double heard = voice.HeardSeconds + 10 * finished.Count;
                Check.True(heard >= last, "backwards from " + last + " to " + heard);
                began = began == 0 && heard > 0 ? Time.realtimeSinceStartupAsDouble : began;
                last = heard;
                worst = Math.Max(worst, puppet.WorstDegrees(avatar.Pose, avatar.Client.Bones));
                mostTurn = Math.Max(mostTurn, 1 - Math.Abs(Dot(before, puppet.Turned("RightHand"))));
                double jaw = face.GetBlendShapeWeight(Jaw);
                Check.Near(100 * avatar.Pose.Blendshape(Jaw), jaw, 1e-3, "weight of the mesh");
                open = Math.Max(open, jaw);
                numSounding += source.Loudest > 0.05 ? 1 : 0;
                numOpen += source.Loudest > 0.05 && jaw > 2 ? 1 : 0;
            });
            double seconds = Time.realtimeSinceStartupAsDouble - began;
            Run(0.6);
            Run(1, () => silentOpen = Math.Max(silentOpen, face.GetBlendShapeWeight(Jaw)));
            Console.WriteLine("worst_degrees " + worst.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Console.WriteLine("open " + (int)open + "\nsilent_open " + (int)silentOpen + "\nsounding " + numSounding + "\nsounding_open " + numOpen);
            Console.WriteLine("seconds " + seconds.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Check.True(worst < 0.2, "degrees " + worst);
            Check.True(mostTurn > 1e-4, "the hand moves");
            Check.True(open > 20 && silentOpen < 0.5 * open, "open " + open + " silent " + silentOpen);
            Check.True(numSounding > 100 && numOpen > 0.7 * numSounding, numOpen + " of " + numSounding);
            Check.Near(8, seconds, 0.5, "both last");
            Check.Equal(0, NumWarnings, "warnings");
            UnityEngine.Object.Destroy(puppet.Root);
            CheckGone();
        }

        static double Dot(Quaternion a, Quaternion b)
        {
            return a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
        }

        static void Interrupted(string url, string file)
        {
            Engine.HasAudio = true;
            SkinnedMeshRenderer face;
            var puppet = new Puppet("npc", name => name);
            UmoAvatar avatar = Model(puppet, UmoConnection.Create(url), out face);
            UmoVoice voice = puppet.Root.AddComponent<UmoVoice>();
            AudioSource source = voice.GetComponent<AudioSource>();
            Until(() => avatar.HasPose, "motion");
            for (int n = 0; n < 3; n++)
            {
                voice.Say(Speech(file));
                Until(() => voice.HeardSeconds > 0.4 && face.GetBlendShapeWeight(Jaw) > 10, "it speaks");
                voice.IsPaused = true;
                Run(0.2);
                double held = voice.HeardSeconds;
                Run(0.3);
                Check.Equal(held, voice.HeardSeconds, "paused");
                Check.Near(0, source.Loudest, 1e-6, "paused");
                voice.IsPaused = false;
                Until(() => voice.HeardSeconds > held + 0.1 && face.GetBlendShapeWeight(Jaw) > 10, "it goes on");
                double heard = voice.Interrupt();
                Check.True(heard > 0.5 && heard < 4, "heard " + heard);
                Check.True(!voice.IsSpeaking, "silent");
                Run(0.1);
                Check.Near(0, source.Loudest, 1e-6, "sound after 0.1 s");
                Run(0.5);
                double open = 0;
                Run(0.5, () => open = Math.Max(open, face.GetBlendShapeWeight(Jaw)));
                Check.True(open < 5, "the mouth is shut: " + open);
            }
            UnityEngine.Object.Destroy(puppet.Root);
            CheckGone();
        }

        static void Spawns(string url)
        {
            GameObject figure = BlockFigure.Create(null).gameObject;
            figure.SetActive(false);
            var home = new GameObject("spawner");
            var spawner = home.AddComponent<UmoSpawner>();
            spawner.Configure(UmoConnection.Create(url), figure, 8);
            Until(() => spawner.IsComplete && spawner.Spawned.All(each => each.HasPose), "all move");
            UmoClient client = spawner.Spawned[0].Client;
            Check.Equal(8, client.Npcs.Count, "one connection");
            Check.Equal("npc 1 npc 8", client.Npcs[0].Name + " " + client.Npcs[7].Name, "names");
            Check.Equal(8, spawner.Spawned.Select(each => each.transform.position.ToString()).Distinct().Count(), "places");
            var twin = BlockFigure.Create(null, "npc 1");
            twin.Configure(UmoConnection.Create(url), "npc 1"); // another connection
            Until(() => twin.HasPose, "the twin");
            Check.True(twin.Client != client, "of its own");
            UnityEngine.Object.Destroy(twin.gameObject);
            home.SetActive(false);
            CheckGone();
            Check.Equal(0, client.Npcs.Count, "all are closed");
        }

        /// <summary>The camera stands at its left, then at its right.</summary>
        static void Looks(string url)
        {
            SkinnedMeshRenderer face;
            var puppet = new Puppet("npc", name => name);
            Model(puppet, UmoConnection.Create(url), out face);
            var gaze = puppet.Root.AddComponent<UmoGaze>();
            gaze.Target = new GameObject("camera").transform;
            Func<float, double> look = x =>
            {
                gaze.Target.position = puppet.Root.transform.TransformPoint(new Vector3(x, 1.5f, 2));
                double sum = 0;
                int count = 0;
                Run(2.5);
                Run(1, () =>
                {
                    sum += (puppet.Turned("LeftEye") * Vector3.forward).x;
                    count++;
                });
                return sum / count;
            };
            double left = look(-1), right = look(1);
            Check.True(left < -0.2 && right > 0.2, "left " + left + " right " + right);
            UnityEngine.Object.Destroy(puppet.Root);
            CheckGone();
        }

        /// <summary>Off and on, and scripts compiled anew while it plays: nothing stays behind, and its
        /// rest is remembered.</summary>
        static void StartAndStop(string url, int numCycles)
        {
            Engine.HasAudio = true;
            var puppet = new Puppet("npc", name => name);
            SkinnedMeshRenderer face;
            UmoAvatar avatar = Model(puppet, UmoConnection.Create(url), out face);
            UmoVoice voice = puppet.Root.AddComponent<UmoVoice>();
            int numThreads = 0, numFiles = 0;
            const int warmUp = 10;
            double worst = 0, mostMs = 0;
            for (int cycle = 0; cycle < numCycles + warmUp; cycle++)
            {
                if (cycle == warmUp)
                {
                    numThreads = Count("/proc/self/task");
                    numFiles = Count("/proc/self/fd");
                    mostMs = 0;
                }
                bool isInTheMiddle = cycle % 4 == 3; // before it was connected
                Until(() => isInTheMiddle || avatar.HasPose, "motion");
                worst = Math.Max(worst, avatar.HasPose ? puppet.WorstDegrees(avatar.Pose, avatar.Client.Bones) : 0);
                voice.Say(new float[2400], 0, 2400);
                var took = Stopwatch.StartNew();
                if (cycle % 2 == 0)
                {
                    puppet.Root.SetActive(false);
                    Engine.Tick(); // the session goes
                    puppet.Root.SetActive(true);
                }
                else
                {
                    Engine.Reload();
                }
                mostMs = Math.Max(mostMs, took.ElapsedMilliseconds);
                Engine.Tick();
                Check.True(avatar.Npc != null && !voice.IsSpeaking, "begun anew");
            }
            Until(() => NumSessions == 1, "sessions of before go");
            Console.WriteLine("more_threads " + (Count("/proc/self/task") - numThreads));
            Console.WriteLine("more_files " + (Count("/proc/self/fd") - numFiles));
            Console.WriteLine("most_ms " + mostMs);
            Check.True(worst < 0.2, "its rest is not forgotten: " + worst);
            UnityEngine.Object.Destroy(puppet.Root);
            CheckGone();
        }

        /// <summary>What users see first; the address is that of the samples' own connection.</summary>
        static void Samples(string url)
        {
            Engine.HasAudio = true;
            var talking = new GameObject("talking").AddComponent<TalkingAvatarSample>();
            var crowd = new GameObject("crowd").AddComponent<NpcCrowdSample>();
            foreach (Component sample in new Component[] { talking, crowd })
            {
                sample.GetType().GetField("connection", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance).SetValue(sample, UmoConnection.Create(url));
            }
            Until(() => Engine.Alive.Count(each => each.GetComponent<UmoAvatar>() != null && each.GetComponent<UmoAvatar>().HasPose) == 17, "all move");
            Until(() => Engine.Alive.Any(each => each.GetComponent<AudioSource>() != null && each.GetComponent<AudioSource>().Loudest > 0.05), "they hum");
            Check.Equal(0, NumWarnings, "warnings");
        }
    }
}
