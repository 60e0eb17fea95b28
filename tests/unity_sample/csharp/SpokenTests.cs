using System;
using System.Collections.Generic;

namespace Umo.Tests
{
    static class SpokenTests
    {
        const int _rateHz = 16000;

        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["what_was_not_heard_is_said_again"] = _ => Again();
            tests["segments_that_are_over_are_not_said_again"] = _ => Over();
            tests["words_are_told_once"] = _ => Words();
        }

        /// <summary>Each server counts frames and times from 0; the client's go on.</summary>
        static void Again()
        {
            var random = new Random(1);
            for (int round = 0; round < 100; round++)
            {
                var writer = new MessageWriter();
                var spoken = new Spoken("npc", _rateHz, 2, writer);
                var said = new List<byte>();
                for (int part = random.Next(1, 9); part > 0; part--)
                {
                    var samples = new byte[2 * random.Next(1, 4000)];
                    random.NextBytes(samples);
                    said.AddRange(samples);
                    spoken.Audio(1, samples);
                }
                bool isEnded = random.Next(2) == 0;
                if (isEnded)
                {
                    spoken.End(1);
                }
                int shown = 0, lead = 0;
                for (int loss = random.Next(4); loss > 0; loss--)
                {
                    for (int n = random.Next(13), own = 0; n > 0; n--, own++)
                    {
                        var frame = new Frame { Index = own, Segment = 1, PtsSeconds = (own + lead) / 30.0 };
                        Check.True(spoken.Heard(frame, 0), "it is new");
                        Check.Equal((long)shown, frame.Index, "index");
                        Check.Near(shown / 30.0, frame.PtsSeconds, 2e-4, "time");
                        shown++;
                    }
                    var again = new Listener(spoken);
                    lead = Math.Min(4, shown);
                    int place = (int)Math.Round((shown - lead) / 30.0 * _rateHz) * 2;
                    if (place >= said.Count)
                    {
                        lead = 0;
                        place = said.Count;
                    }
                    int left = said.Count - place;
                    Check.Near(left, again.Audio.Count, 8, "bytes");
                    int from = said.Count - again.Audio.Count;
                    Check.Equal(
                        Convert.ToBase64String(said.GetRange(from, again.Audio.Count).ToArray()),
                        Convert.ToBase64String(again.Audio.ToArray()), "samples");
                    Check.Equal(isEnded, again.Types.Contains("end"), "end");
                }
            }
        }

        static void Over()
        {
            var spoken = new Spoken("npc", _rateHz, 2, new MessageWriter());
            for (int segment = 1; segment < 4; segment++)
            {
                spoken.Audio(segment, new byte[4]);
            }
            Check.Near(0.1, spoken.Ended(1, 0.1), 1e-9, "duration");
            Check.Equal("audio audio", new Listener(spoken).All, "two segments");
            spoken.Clear();
            Check.Equal("", new Listener(spoken).All, "all is forgotten");
            spoken.Direct(new Direction { Calmness = 0.5 });
            spoken.Direct(new Direction { Emotion = "joy" });
            spoken.End(4); // a segment with nothing left but its end
            Check.Equal("control audio end", new Listener(spoken).All, "directions hold");
        }

        static void Words()
        {
            var spoken = new Spoken("npc", _rateHz, 4, new MessageWriter());
            spoken.Text(1, new[] { "a", "b" }, new[] { 0, 0.5 });
            spoken.Text(1, new[] { "c" }, new double[0]);
            spoken.Audio(1, new byte[4 * _rateHz]);
            Check.Equal("text text audio", new Listener(spoken).All, "all of it");
            for (int n = 0; n < 6; n++)
            {
                spoken.Heard(new Frame { Index = n, Segment = 1, PtsSeconds = n / 30.0 }, 7 + n / 30.0);
            }
            var again = new Listener(spoken);
            Check.Equal("stand text audio", again.All, "what is to come");
            Check.Equal(4 * (_rateHz - 1067), again.Audio.Count, "bytes, from 4 frames before");
            Check.Near(0.5 - 2 / 30.0, spoken.ServerSeconds(1, 0.5), 1e-4, "a position there");
            Check.Near(0, spoken.ServerSeconds(1, 0.05), 1e-9, "one before it");
            var known = new Frame { Index = 0, Segment = 1, PtsSeconds = 0 };
            Check.True(!spoken.Heard(known, 8), "a server that cannot stand shows it again");
            Check.Near(0.5, spoken.ServerSeconds(9, 0.5), 1e-9, "of another segment");
            Check.Near(1, spoken.Ended(1, 28 / 30.0), 1e-4, "the whole duration");
        }

        /// <summary>What a server would hear.</summary>
        sealed class Listener
        {
            public readonly List<string> Types = new List<string>();
            public readonly List<byte> Audio = new List<byte>();

            public Listener(Spoken spoken)
            {
                spoken.Again(Take, 7);
            }

            public string All => string.Join(" ", Types);

            void Take(byte[] message)
            {
                var record = new MsgPackReader();
                int length = message[4] | message[5] << 8;
                record.Begin(message, 6, length);
                record.MapHeader();
                record.String();
                Types.Add(record.String());
                for (int at = 6 + length; at < message.Length && Types[Types.Count - 1] == "audio"; at++)
                {
                    Audio.Add(message[at]);
                }
            }
        }
    }
}
