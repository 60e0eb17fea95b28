using System;
using System.Collections.Generic;
using System.IO;

namespace Umo.Tests
{
    /// <summary>The golden files of tests/golden/wire; the folder is the second argument.</summary>
    static class WireTests
    {
        static readonly float[] _f32 = { 0, 0.5f, -1, 0.0625f };
        static readonly short[] _s16 = { 0, 1, -1, 32767, -32768 };

        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["written_messages"] = arguments => Written(arguments[1]);
            tests["read_messages"] = arguments => Read(arguments[1]);
            tests["refused_messages"] = arguments => Refused(arguments[1], arguments);
            tests["too_long_messages"] = _ => TooLong();
        }

        static void Written(string folder)
        {
            var made = ClientMessages(new MessageWriter());
            foreach (KeyValuePair<string, byte[]> pair in made)
            {
                string golden = Convert.ToBase64String(File.ReadAllBytes(Path.Combine(folder, pair.Key + ".bin")));
                Check.Equal(golden, Convert.ToBase64String(pair.Value), pair.Key);
            }
            var known = new HashSet<string>(made.Keys);
            known.UnionWith(_readers.Keys);
            known.UnionWith(new[] { "hello_blocks", "block" }); // which this client does not ask for
            foreach (string file in Directory.GetFiles(folder, "*.bin"))
            {
                string name = Path.GetFileNameWithoutExtension(file);
                Check.True(known.Contains(name) || name.StartsWith("refused_"), "untested: " + name);
            }
        }

        static Dictionary<string, byte[]> ClientMessages(MessageWriter writer)
        {
            byte[] s16 = new SampleBytes(SampleFormat.S16).Of(_s16, 0, 5);
            byte[] f32 = new SampleBytes(SampleFormat.F32).Of(_f32, 0, 4);
            var pose = new float[Pose.NumValues];
            for (int n = 0; n < pose.Length; n++)
            {
                pose[n] = n / 256f;
            }
            var all = new Direction
            {
                Calmness = 0.25, Emotion = "anger", Intensity = 0.5, State = "listening",
                GazeDegrees = new[] { -30.0, 12.5 },
            };
            return new Dictionary<string, byte[]>
            {
                ["hello"] = writer.Hello("x", ""),
                ["hello_token"] = writer.Hello("game", "tök€n"),
                ["open"] = writer.Open("npc", 16000, SampleFormat.S16, null, false),
                ["open_all"] = writer.Open("Señor 7", 48000, SampleFormat.F32, uint.MaxValue, true),
                ["stand"] = writer.Stand("npc", 4, 0.5, pose),
                ["stand_still"] = writer.Stand("npc", 0, 0, pose),
                ["audio_s16"] = writer.Audio("npc", 1, s16, 0, s16.Length),
                ["audio_f32"] = writer.Audio("npc", 70000, f32, 0, f32.Length),
                ["audio_empty"] = writer.Audio("npc", 1, s16, 0, 0),
                ["end"] = writer.End("npc", 1),
                ["text"] = writer.Words("npc", 1, new[] { "Hello,", "wörld" }, new double[0]),
                ["text_times"] = writer.Words("npc", 2, new[] { "Hello,", "world" }, new[] { 0, 0.5 }),
                ["control"] = writer.Control("npc", new Direction { Emotion = "joy" }),
                ["control_all"] = writer.Control("npc", all),
                ["control_gaze_free"] =
                    writer.Control("npc", new Direction { GazeDegrees = new double[0] }),
                ["clear"] = writer.Clear("npc"),
                ["playback"] = writer.Playback("npc", 3, 1.25),
                ["close"] = writer.Close("npc"),
                ["ping"] = writer.Ping(0),
                ["ping_number"] = writer.Ping(uint.MaxValue),
                ["ask_stats"] = writer.AskStats("npc"),
            };
        }

        static readonly Dictionary<string, Action<ServerMessage>> _readers =
            new Dictionary<string, Action<ServerMessage>>
            {
                ["welcome"] = IsWelcome,
                ["moved"] = m => Check.Equal("tcp://127.0.0.1:40001", m.Url, "url"),
                ["opened"] = m => Check.Equal("npc", m.Stream, "stream"),
                ["frame"] = m => IsFrame(m, 12, 1, 0.4),
                ["frame_living"] = m => IsFrame(m, 100000, 0, 3333.3),
                ["ended"] = m => Check.Equal(("npc", 1L, 13.875), (m.Stream, m.Segment, m.DurationSeconds), "ended"),
                ["cleared"] = m => Check.Equal(("npc", 1L), (m.Stream, m.Segment), "cleared"),
                ["closed"] = m => Check.Equal("npc", m.Stream, "stream"),
                ["pong"] = m => Check.Equal(7L, m.Number, "number"),
                ["stats"] = m => Check.Equal(
                    ("npc", 300L, 10.0, 1L, 0.0625, 2L),
                    (m.Stream, m.Frames, m.AudioSeconds, m.Underruns, m.LateSeconds, m.Skipped), "stats"),
                ["notice"] = m => Check.Equal(20L, m.Fps, "fps"),
                ["refusal"] = m => Check.Equal(
                    ("full", "64 streams are open; close one first", ""), (m.Code, m.Reason, m.Stream), "refusal"),
                ["refusal_stream"] = m => Check.Equal(
                    ("exists", "npc is open already", "npc"), (m.Code, m.Reason, m.Stream), "refusal"),
            };

        static void Read(string folder)
        {
            var reader = new MessageReader(new FramePool());
            foreach (KeyValuePair<string, Action<ServerMessage>> pair in _readers)
            {
                byte[] bytes = File.ReadAllBytes(Path.Combine(folder, pair.Key + ".bin"));
                var message = new ServerMessage();
                var shifted = new byte[bytes.Length + 7];
                bytes.CopyTo(shifted, 3);
                Check.Equal(null, reader.Read(shifted, 3, bytes.Length, message), pair.Key);
                Check.Equal(pair.Key.Split('_')[0], message.Kind.ToString().ToLowerInvariant(), pair.Key);
                pair.Value(message);
                for (int count = 0; count < bytes.Length; count++)
                {
                    Check.True(reader.Read(bytes, 0, count, message) != null, pair.Key + " cut");
                }
            }
        }

        static void IsWelcome(ServerMessage message)
        {
            Check.Equal(("umo 0.1.0", 64L, 1L << 20, 10.0), (message.Server, message.MaxStreams,
                message.MaxMessageBytes, message.TimeoutSeconds), "welcome");
            Check.Equal(("Hips", 55), (message.Bones[0], message.Bones.Count), "bones");
            Check.Equal(("eyeBlinkLeft", 52), (message.Blendshapes[0], message.Blendshapes.Count), "blendshapes");
        }

        static void IsFrame(ServerMessage message, long index, int segment, double pts)
        {
            Frame frame = message.Frame;
            Check.Equal(("npc", index, segment, pts), (frame.Stream, frame.Index, frame.Segment, frame.PtsSeconds), "frame");
            for (int n = 0; n < Pose.NumValues; n++)
            {
                Check.Equal(n / 256f, frame.Values[n], "value " + n);
            }
        }

        /// <summary>Arguments from the third on: name of a file, code, and so on.</summary>
        static void Refused(string folder, string[] arguments)
        {
            var reader = new MessageReader(new FramePool());
            Check.True(arguments.Length > 20, "there are refused messages");
            for (int n = 2; n < arguments.Length; n += 2)
            {
                byte[] bytes = File.ReadAllBytes(Path.Combine(folder, arguments[n]));
                string code = reader.Read(bytes, 0, bytes.Length, new ServerMessage());
                Check.Equal(arguments[n + 1], code, arguments[n]);
            }
        }

        static void TooLong()
        {
            var writer = new MessageWriter();
            Check.Fails("size", () => writer.Hello(new string('x', 65536), ""));
            Check.Fails("size", () => writer.Audio("npc", 1, new byte[1 << 20], 0, 1 << 20));
            Check.Fails("record", () => writer.Hello("\ud800", ""));
            Check.Equal("size", new MessageReader(new FramePool()).Read(
                new byte[(1 << 20) + 1], 0, (1 << 20) + 1, new ServerMessage()), "a long message");
            var codes = new[] { "Ab", "tcp://127.0.0.1", "ws://127.0.0.1:7602", "tcp://:7601", "tcp://a:0", "tcp://a:65536", null };
            foreach (string url in codes)
            {
                Check.Fails("address", () => ZmtpAddress.Parse(url));
            }
            Check.Equal("tcp://[::1]:7601", ZmtpAddress.Parse("tcp://[::1]:7601").ToString(), "version 6");
        }
    }
}
