using System;
using System.Collections.Generic;
using System.IO;

namespace Umo.Tests
{
    static class PosePlayerTests
    {
        const double _step = Stage.Step;

        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["nothing_before_the_first_frame"] = _ => NothingYet();
            tests["life_is_even_on_an_uneven_network"] = _ => Even();
            tests["life_is_shown_through_loss_and_reorder"] = _ => Lossy();
            tests["speech_follows_the_playhead"] = _ => Playhead();
            tests["speech_follows_through_loss_and_reorder"] = _ => LossyPlayhead();
            tests["speech_waits_for_its_sound"] = _ => Waits();
            tests["life_goes_on_behind_speech"] = _ => GoesOn();
            tests["starved_it_holds_and_relaxes"] = _ => Starved();
            tests["life_fills_speech_that_ran_dry"] = _ => RanDry();
            tests["cleared_it_blends"] = _ => Cleared();
            tests["another_server_is_blended_in"] = _ => Broken();
            tests["a_long_way_behind_is_skipped"] = _ => Skips();
            tests["paced_speech_needs_no_playhead"] = _ => Paced();
            tests["frames_cost_no_garbage"] = arguments => NoGarbage(arguments[1]);
            tests["a_clock_that_drifts_is_followed"] = _ => Drifts();
        }

        static void NothingYet()
        {
            var stage = new Stage();
            Check.True(double.IsNaN(stage.Next()), "nothing is shown");
            stage.Send(0, 5);
            Check.Near(5 / 30.0, stage.Next(), 1e-6, "the first frame is shown at once");
        }

        static void Even()
        {
            var stage = new Stage();
            var random = new Random(1);
            stage.Life(0, 0, 900, () => 0.02 + 0.06 * random.NextDouble());
            stage.Run(2, 0.05);
            stage.Run(26, 1.11 * _step, 0.89 * _step);
            Check.Equal(0L, stage.Player.NumUnderruns, "underruns");
        }

        static void Lossy()
        {
            var stage = new Stage();
            var random = new Random(2);
            for (int n = 0; n < 900; n++)
            {
                if (random.Next(10) > 0)
                {
                    stage.Send(n / 30.0 + 0.09 * random.NextDouble(), n);
                }
                if (random.Next(20) == 0)
                {
                    stage.Send(n / 30.0 + 0.3 * random.NextDouble(), n);
                }
            }
            stage.Run(2, 0.1);
            stage.Run(26, 1.5 * _step);
            JitterBuffer buffer = stage.Player.Buffer;
            Check.True(buffer.NumTwice > 5 && buffer.NumLate > 5, "some came twice and late");
        }

        /// <summary>Life from 0 s on, a segment of 3 s behind its 30 frames, heard from 1.2 s on.
        /// </summary>
        static Stage Speaking(Func<int, bool> isLost, Func<double> delay)
        {
            var stage = new Stage();
            stage.Life(0, 0, 30, () => 0.01);
            for (int n = 0; n < 90; n++)
            {
                if (!isLost(n))
                {
                    stage.Send(1 + delay(), 30 + n, 1, n / 30.0);
                }
            }
            stage.Run(1.2, 0.05);
            return stage;
        }

        static void Hear(Stage stage, double from, double to, double mostError)
        {
            double beganAt = stage.Now + _step - from;
            for (double heard = from; heard < to; heard = stage.Now + _step - beganAt)
            {
                stage.Player.SetPlayhead(1, heard, stage.Now + _step);
                double x = stage.Next();
                Check.Near(1 + heard, x, heard - from < 0.25 ? 0.2 : mostError, "heard " + heard);
            }
        }

        static void Playhead()
        {
            Stage stage = Speaking(_ => false, () => 0);
            Hear(stage, 0, 1, 1e-5);
            double last = stage.Run(_step, 1);
            for (int n = 0; n < 30; n++) // the game pauses, and says so or does not
            {
                stage.Player.SetPlayhead(1, 0.99, stage.Now + _step);
                last = stage.Next();
            }
            Check.Near(1.99, last, 0.02, "it waits where the sound waits");
            Check.Near(last, stage.Run(1, 1e-6), 1e-6, "it stays there");
            Hear(stage, 1, 2.9, 1e-5);
            Check.Equal(0L, stage.Player.NumUnderruns, "underruns");
        }

        static void LossyPlayhead()
        {
            var random = new Random(3);
            Stage stage = Speaking(
                n => n > 0 && n < 89 && random.Next(10) == 0, () => 0.15 * random.NextDouble());
            Hear(stage, 0, 2.9, 1e-5); // the hips move evenly: a lost frame is between its neighbours
        }

        static void Waits()
        {
            Stage stage = Speaking(_ => false, () => 0);
            Check.Near(29 / 30.0, stage.Run(1, 1.2 * _step), 1e-3, "it waits before speech");
            Check.Near(29 / 30.0, stage.Run(1, 1e-3), 1e-3, "it stays there");
            Check.Near(1, stage.Face, 1e-6, "the face has not relaxed");
            Check.Near(3, stage.Player.BufferedSeconds(1, 0), 1e-9, "what waits");
            Check.Near(1, stage.Player.BufferedSeconds(1, 2), 1e-9, "what waits behind 2 s");
            Check.Near(0, stage.Player.BufferedSeconds(2, 0), 1e-9, "nothing waits");
        }

        static void GoesOn()
        {
            Stage stage = Speaking(_ => false, () => 0);
            stage.Life(4, 120, 150, () => 0.01);
            Hear(stage, 0, 2.9, 1e-5);
            stage.Player.Finish(1);
            stage.Run(3, 1.11 * _step, 0.89 * _step);
            double x = stage.Run(1, 1.11 * _step);
            Check.Near(stage.Now - 0.11, x, 0.02, "it has caught up");
        }

        static void Starved()
        {
            var stage = new Stage();
            stage.Life(0, 0, 60, () => 0.01);
            double held = stage.Run(2.3, 0.05);
            Check.Near(59 / 30.0, held, 1e-4, "it holds the last frame");
            Check.Near(held, stage.Run(1, 1e-6), 1e-6, "it holds on");
            Check.Near(0, stage.Face, 1e-6, "the face has relaxed");
            Check.Equal(1L, stage.Player.NumUnderruns, "underruns");
            stage.Life(3.5, 105, 90, () => 0.01);
            stage.Run(1, 0.2);
            Check.Near(1, stage.Face, 1e-6, "the face is back");
            stage.Run(1, 1.11 * _step, 0.89 * _step);
            Check.Equal(1L, stage.Player.NumUnderruns, "underruns");
        }

        static void RanDry()
        {
            var stage = new Stage();
            stage.Speech(0, 0, 30, 1);
            stage.Life(1.2, 30, 30, () => 0.01);
            for (int n = 0; n < 30; n++)
            {
                stage.Send(2.2, 60 + n, 1, 1 + n / 30.0);
            }
            stage.Next();
            for (int n = 0; n < 60; n++) // sound of one second
            {
                stage.Player.SetPlayhead(1, n * _step, stage.Now + _step);
                stage.Next();
            }
            for (int n = 0; n < 60; n++) // then it stands still
            {
                stage.Player.SetPlayhead(1, 1 - 1 / 30.0, stage.Now + _step);
                stage.Next();
            }
            Check.True(stage.Run(_step, 1) > 1.2, "the character lives on");
            stage.Player.SetPlayhead(1, 1.5, stage.Now + _step);
            stage.Next();
            double beganAt = stage.Now;
            double x = 0;
            while (stage.Now < beganAt + 0.4)
            {
                double heard = 1.5 + stage.Now + _step - beganAt;
                stage.Player.SetPlayhead(1, heard, stage.Now + _step);
                x = stage.Next();
            }
            Check.Near(60 / 30.0 + 0.5 + stage.Now - beganAt, x, 1e-4, "it is where the sound is");
        }

        static void Cleared()
        {
            Stage stage = Speaking(_ => false, () => 0);
            Hear(stage, 0, 1, 1e-5);
            stage.Player.Clear();
            double held = stage.Run(0.05, 1e-6);
            Check.Near(2, held, 0.05, "it stands where it was interrupted");
            for (int n = 0; n < 60; n++)
            {
                stage.Send(stage.Now + n / 30.0, 120 + n, 0, n / 30.0, 5);
            }
            Check.Near(held, stage.Next(), 1e-6, "it holds for the delay");
            Check.Near(5, stage.Run(0.5, 0.6), 1e-4, "what is new was blended in");
        }

        static void Broken()
        {
            var stage = new Stage();
            stage.Life(0, 0, 60, () => 0.01);
            stage.Run(1.99, 0.05);
            stage.Player.Break();
            for (int n = 0; n < 60; n++)
            {
                stage.Send(2 + n / 30.0, 60 + n, 0, n / 30.0, 7);
            }
            Check.Near(7, stage.Run(1, 0.8), 1e-4, "it is blended in");
        }

        static void Skips()
        {
            var stage = new Stage();
            stage.Life(0, 0, 300, () => 0.01);
            stage.Run(1, 0.05);
            stage.Now = 8; // nobody asked for pictures
            stage.Next();
            double x = stage.Run(0.3, 2);
            Check.Near(stage.Now - 0.11, x, 0.02, "it is where life is");
        }

        static void Paced()
        {
            var stage = new Stage(true);
            for (int n = 0; n < 90; n++)
            {
                stage.Send(n / 30.0, n, n < 30 ? 0 : 1, (n < 30 ? n : n - 30) / 30.0);
            }
            stage.Run(1, 0.05);
            stage.Run(1.9, 1.11 * _step, 0.89 * _step);
        }

        /// <summary>From the bytes of a frame to a pose, as a game does it at every picture.</summary>
        static void NoGarbage(string folder)
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(folder, "frame.bin"));
            var pool = new FramePool();
            var reader = new MessageReader(pool);
            var player = new PosePlayer(pool, false, 0.1);
            var message = new ServerMessage();
            var inbox = new Inbox();
            var pose = new Pose();
            int before = 0;
            for (int n = 0; n < 201000; n++)
            {
                if (n == 1000) // all has been made that is made once
                {
                    GC.Collect();
                    before = GC.CollectionCount(0);
                }
                Check.True(reader.Read(bytes, 0, bytes.Length, message) == null, "code");
                message.Frame.Index = n;
                message.Frame.ArrivedSeconds = n / 30.0;
                inbox.Put(new Arrival { Frame = message.Frame });
                Arrival arrival;
                inbox.Take(out arrival);
                player.Add(arrival.Frame);
                player.SetPlayhead(1, 0.4 + n / 30.0, n / 30.0);
                player.Sample(n / 30.0, pose);
            }
            // One object a frame, of 24 bytes, would fill the 4 MiB between two collections.
            Check.Equal(before, GC.CollectionCount(0), "collections");
        }

        static void Drifts()
        {
            var clock = new ArrivalClock();
            Check.True(!clock.IsSet, "nothing is known");
            var random = new Random(4);
            for (int n = 0; n < 30 * 120; n++)
            {
                double server = n / 30.0, sent = 100 + 1.0005 * server;
                clock.Observe(server, sent + 0.01 + 0.2 * random.NextDouble());
                double now = sent + 0.01;
                bool isKnown = n > 150;
                Check.Near(server, clock.ServerSeconds(now), isKnown ? 0.02 : 0.25, "at " + server);
            }
        }
    }
}
