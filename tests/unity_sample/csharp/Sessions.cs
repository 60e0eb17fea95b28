using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;

namespace Umo.Tests
{
    /// <summary>Clients of a real server; what they see is printed, one "name value" a line.</summary>
    static class Sessions
    {
        const double _pictureSeconds = 1 / 60.0;

        public static double Seconds()
        {
            return (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;
        }

        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["session"] = a => Session(a[1], int.Parse(a[2]), double.Parse(a[3], CultureInfo.InvariantCulture), a[4], a.Length > 5);
            tests["start_and_stop"] = a => StartAndStop(a[1], int.Parse(a[2]));
            tests["stats"] = a => Stats(a[1]);
            tests["full"] = a => Full(a[1]);
            tests["refused_for_a_while"] = a => RefusedForAWhile(a[1]);
            tests["moved"] = a => Moved(a[1]);
        }

        /// <summary>Characters that speak over and over, sampled at 60 Hz, until each has been heard
        /// to the end.</summary>
        static void Session(string url, int numNpcs, double seconds, string speechFile, bool interrupts)
        {
            byte[] bytes = File.ReadAllBytes(speechFile);
            var speech = new short[bytes.Length / 2];
            Buffer.BlockCopy(bytes, 0, speech, 0, bytes.Length);
            using (var client = new UmoClient(url, new ClientOptions { SilenceSeconds = 3 }))
            {
                client.Connected += () => Print("connected", Seconds());
                client.Disconnected += error => Print("disconnected", error.Message);
                var actors = new List<Actor>();
                double began = Seconds();
                for (int n = 0; n < numNpcs; n++)
                {
                    actors.Add(new Actor(client.Open("npc " + n), speech, began + 1 + 3.0 * n / numNpcs));
                }
                Play(client, actors, began, seconds, interrupts);
                Report(client, actors, Seconds() - began);
            }
        }

        static void Play(UmoClient client, List<Actor> actors, double began, double seconds, bool interrupts)
        {
            double mostPoll = 0, mostUpdate = 0, busy = 0, next = began;
            int numPictures = 0, numCollections = GC.CollectionCount(0);
            double mayLast = seconds + 60, cutAt = began + 5;
            bool isWarm = false;
            int jaw = -1;
            client.Connected += () => jaw = client.Blendshapes.ToList().IndexOf("jawOpen");
            while (Seconds() - began < seconds || actors.Any(actor => !actor.IsSilent))
            {
                double now = Seconds();
                Check.True(now - began < mayLast, "speech does not end");
                client.Poll();
                double polled = Seconds();
                foreach (Actor actor in actors)
                {
                    int numHeard = actor.NumHeard;
                    actor.Update(now, jaw, now - began < seconds);
                    if (actor.NumHeard > numHeard)
                    {
                        Print("heard_one", actor.Npc.Name);
                    }
                }
                if (interrupts && now > cutAt)
                {
                    actors[numPictures % actors.Count].Interrupt(now);
                    cutAt += 0.5;
                }
                isWarm |= now - began > 3;
                mostPoll = isWarm ? Math.Max(mostPoll, polled - now) : 0;
                mostUpdate = isWarm ? Math.Max(mostUpdate, Seconds() - polled) : 0;
                busy += Seconds() - now;
                numPictures++;
                next = Math.Max(next + _pictureSeconds, Seconds() - 0.1);
                Thread.Sleep(Math.Max(0, (int)(1000 * (next - Seconds()))));
            }
            Print("pictures", numPictures);
            Print("collections", GC.CollectionCount(0) - numCollections);
            Print("most_poll_ms", 1000 * mostPoll);
            Print("most_update_ms", 1000 * mostUpdate);
            Print("mean_picture_ms", 1000 * busy / numPictures);
        }

        /// <summary>The most frames of a character that were sent and did not come.</summary>
        static long MostLost(UmoClient client, List<Actor> actors)
        {
            while (actors.Any(actor => actor.Npc.Stats == null)) // a question is lost with a connection
            {
                actors.ForEach(actor => actor.Npc.AskStats());
                double until = Seconds() + 1;
                Wait(client, () => Seconds() > until || actors.All(actor => actor.Npc.Stats != null));
            }
            return actors.Max(actor => actor.Npc.Stats.Value.Frames - actor.Npc.Counters.Frames);
        }

        static void Report(UmoClient client, List<Actor> actors, double seconds)
        {
            Print("seconds", seconds);
            Print("most_lost", Math.Max(0, MostLost(client, actors)));
            Print("frame_rate_hz", client.FrameRateHz);
            Print("disconnects", client.NumDisconnects);
            Print("bad", client.NumBadMessages);
            Print("unread", client.NumUnread);
            Print("round_trip_ms", 1000 * client.RoundTripSeconds);
            Print("frames", actors.Sum(actor => actor.Npc.Counters.Frames));
            Print("late", actors.Sum(actor => actor.Npc.Counters.Late));
            Print("underruns", actors.Sum(actor => actor.Npc.Counters.Underruns));
            Print("said", actors.Sum(actor => actor.NumSaid));
            Print("heard", actors.Sum(actor => actor.NumHeard));
            Print("cut", actors.Sum(actor => actor.NumCut));
            Print("poses", actors.Sum(actor => actor.NumPoses));
            Print("wrong", actors.Sum(actor => actor.NumWrong));
            Print("most_speed_rad_s", actors.Max(actor => actor.MostSpeed));
            Print("least_open", actors.Min(actor => actor.MostOpen));
            Print("longest_wait_s", actors.Max(actor => actor.LongestWait));
            foreach (string refusal in actors.Select(actor => actor.LastRefusal).Where(r => r != null).Distinct())
            {
                Print("refusal", refusal);
            }
        }

        /// <summary>Play mode on and off; what stays behind must not grow.</summary>
        static void StartAndStop(string url, int numCycles)
        {
            int numThreads = 0, numFiles = 0;
            double mostMs = 0;
            const int warmUp = 10;
            for (int cycle = 0; cycle < numCycles + warmUp; cycle++)
            {
                if (cycle == warmUp)
                {
                    numThreads = Count("/proc/self/task");
                    numFiles = Count("/proc/self/fd");
                    mostMs = 0;
                }
                var client = new UmoClient(url);
                Npc npc = client.Open("npc");
                var pose = new Pose();
                bool isInTheMiddle = cycle % 4 == 3; // stopped before it was connected
                Wait(client, () => isInTheMiddle || npc.Sample(pose));
                double now = Seconds();
                client.Dispose();
                mostMs = Math.Max(mostMs, 1000 * (Seconds() - now));
            }
            Print("dispose_ms", mostMs);
            Print("more_threads", Count("/proc/self/task") - numThreads);
            Print("more_files", Count("/proc/self/fd") - numFiles);
        }

        static void Stats(string url)
        {
            using (var client = new UmoClient(url))
            {
                Npc npc = client.Open("npc", new NpcOptions { Format = SampleFormat.F32, RateHz = 48000 });
                int numRefusals = 0;
                npc.Refused += _ => numRefusals++;
                Check.Equal(1, npc.Say(new float[24000], 0, 24000), "segment");
                npc.End();
                npc.Direct(new Direction { Emotion = "joy", GazeDegrees = new double[] { 10, 0 } });
                double ended = 0;
                npc.Ended += (segment, duration) => ended = duration;
                Wait(client, () => ended > 0);
                Check.Near(0.5, ended, 1e-3, "duration");
                npc.AskStats();
                Wait(client, () => npc.Stats != null);
                Check.Near(0.5, npc.Stats.Value.AudioSeconds, 1e-6, "audio heard");
                Check.Equal(0, numRefusals, "refusals");
                npc.Direct(new Direction { Emotion = "hunger" });
                Wait(client, () => numRefusals == 1);
                npc.Close();
                Npc again = client.Open("npc");
                Wait(client, () => again.IsOpen);
            }
        }

        /// <summary>A character that there is no room for comes once there is.</summary>
        static void Full(string url)
        {
            using (var first = new UmoClient(url))
            using (var second = new UmoClient(url))
            {
                Wait(first, () => first.IsConnected);
                List<Npc> npcs = Enumerable.Range(0, first.MaxNpcs).Select(n => first.Open("npc " + n)).ToList();
                Wait(first, () => npcs.All(npc => npc.IsOpen));
                Npc late = second.Open("late");
                var codes = new List<string>();
                late.Refused += error => codes.Add(error.Code);
                double until = Seconds() + 2.5;
                Wait(second, () => Seconds() > until);
                Check.Equal("full", string.Join(" ", codes), "it is said once");
                npcs[0].Close();
                Wait(second, () => late.IsOpen);
            }
        }

        static void RefusedForAWhile(string url)
        {
            using (var client = new UmoClient(url))
            {
                var codes = new List<string>();
                client.Refused += error => codes.Add(error.Code);
                Wait(client, () => codes.Count > 0);
                Check.Equal("full", client.Problem.Code, "problem");
                Wait(client, () => client.IsConnected);
                Check.Equal("full", string.Join(" ", codes), "it is said once");
                Check.Equal(null, client.Problem, "problem");
            }
        }

        /// <summary>The shard that it was sent to is gone after two frames of three.</summary>
        static void Moved(string url)
        {
            var speech = new short[1600];
            for (int n = 0; n < speech.Length; n++)
            {
                speech[n] = (short)n;
            }
            using (var client = new UmoClient(url))
            {
                Npc npc = client.Open("npc", new NpcOptions { Seed = 7 });
                int numEnded = 0, numLost = 0;
                npc.Ended += (segment, duration) => numEnded++;
                client.Disconnected += _ => numLost++;
                npc.Direct(new Direction { Emotion = "joy" });
                npc.Direct(new Direction { Calmness = 0.25 });
                npc.Text(new[] { "now", "later" }, new[] { 0, 0.09 });
                npc.Say(speech, 0, 800);
                npc.Say(speech, 800, 800);
                Wait(client, () => npc.Counters.Frames == 2);
                Print("ready", 0);
                Wait(client, () => numLost == 1);
                npc.End();
                Wait(client, () => numEnded == 1);
            }
        }

        static void Wait(UmoClient client, Func<bool> isSo)
        {
            double until = Seconds() + 30;
            while (!isSo())
            {
                Check.True(Seconds() < until, "it does not happen; " + client.Problem?.Message);
                client.Poll();
                Thread.Sleep(5);
            }
        }

        static int Count(string folder)
        {
            return Directory.GetFileSystemEntries(folder).Length;
        }

        static void Print(string name, object value)
        {
            Console.WriteLine(name + " " + Convert.ToString(value, CultureInfo.InvariantCulture));
        }
    }
}
