using System;
using System.Collections.Generic;
using System.IO;

namespace Umo.Tests
{
    /// <summary>Bytes that are nearly messages: refused, never an exception.</summary>
    static class FuzzTests
    {
        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["fuzzed_messages"] = arguments => Messages(arguments[1], int.Parse(arguments[2]));
            tests["fuzzed_framing"] = arguments => Framing(int.Parse(arguments[1]));
        }

        static void Messages(string folder, int rounds)
        {
            var random = new Random(1);
            string[] files = Directory.GetFiles(folder, "*.bin");
            Array.Sort(files, StringComparer.Ordinal);
            var pool = new FramePool();
            var reader = new MessageReader(pool);
            var message = new ServerMessage();
            int numGood = 0, numBad = 0;
            foreach (string file in files)
            {
                byte[] golden = File.ReadAllBytes(file);
                for (int round = 0; round < rounds; round++)
                {
                    byte[] bytes = Mutated(golden, random);
                    bool isGood = reader.Read(bytes, 0, bytes.Length, message) == null;
                    numGood += isGood ? 1 : 0;
                    numBad += isGood ? 0 : 1;
                    Check.True(!isGood || message.Kind != MessageKind.Frame || IsFinite(message.Frame), file);
                    if (message.Frame != null)
                    {
                        pool.Return(message.Frame);
                    }
                }
            }
            Check.True(numGood > rounds / 2 && numBad > rounds, numGood + " good, " + numBad + " bad");
        }

        static bool IsFinite(Frame frame)
        {
            foreach (float value in frame.Values)
            {
                if (float.IsNaN(value) || float.IsInfinity(value))
                {
                    return false;
                }
            }
            return !double.IsNaN(frame.PtsSeconds) && frame.Index >= 0 && frame.Segment >= 0;
        }

        static byte[] Mutated(byte[] golden, Random random)
        {
            var bytes = (byte[])golden.Clone();
            for (int count = random.Next(1, 4); count > 0 && bytes.Length > 0; count--)
            {
                bytes[random.Next(Math.Min(80, bytes.Length))] = (byte)random.Next(256);
            }
            if (random.Next(4) == 0)
            {
                Array.Resize(ref bytes, random.Next(golden.Length + 9));
            }
            return bytes;
        }

        /// <summary>Whole frames come out whole however they were cut; garbage is an error.</summary>
        static void Framing(int rounds)
        {
            var random = new Random(2);
            for (int round = 0; round < rounds; round++)
            {
                var framing = new ZmtpFraming(Wire.MostMessageBytes);
                byte[] bytes = new byte[0];
                int count = 0;
                var sizes = new List<int>();
                for (int n = random.Next(1, 6); n > 0; n--)
                {
                    var body = new byte[random.Next(3) == 0 ? random.Next(200000) : random.Next(300)];
                    sizes.Add(body.Length);
                    count = ZmtpFraming.Append(ref bytes, count, body, random.Next(2) == 0);
                }
                Check.Equal(string.Join(" ", sizes), string.Join(" ", Sizes(framing, bytes, count, random)), "sizes");
                random.NextBytes(bytes);
                bytes[0] = 0x40;
                Check.Fails("protocol", () => Sizes(framing, bytes, 16, random));
            }
            Check.Fails("protocol", () => Sizes(
                new ZmtpFraming(100), new byte[] { 2, 255, 255, 255, 255, 255, 255, 255, 255 }, 9, random));
            Check.Fails("protocol", () => Sizes(new ZmtpFraming(100), new byte[] { 0, 101 }, 2, random));
        }

        static List<int> Sizes(ZmtpFraming framing, byte[] bytes, int count, Random random)
        {
            var sizes = new List<int>();
            for (int at = 0, part; at < count; at += part)
            {
                int offset;
                int room = framing.Room(out offset);
                part = Math.Min(Math.Min(room, count - at), random.Next(1, 100000));
                Buffer.BlockCopy(bytes, at, framing.Bytes, offset, part);
                framing.Add(part);
                while (framing.Next())
                {
                    sizes.Add(framing.Count);
                }
            }
            return sizes;
        }
    }
}
