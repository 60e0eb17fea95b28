using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;

namespace Umo.Tests
{
    /// <summary>A client whose server is not there, or is what the second argument names.</summary>
    static class ClientTests
    {
        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["wrong_use"] = _ => WrongUse();
            tests["no_server"] = arguments => Problem(arguments[1], arguments[2]);
            tests["subscriber"] = arguments => Subscriber(arguments[1]);
        }

        static void WrongUse()
        {
            Check.Fails("address", () => new UmoClient("http://example.org"));
            using (var client = new UmoClient("tcp://127.0.0.1:1"))
            {
                Check.Fails("stream", () => client.Open(""));
                Check.Fails("stream", () => client.Open(new string('x', 65)));
                Check.Fails("value", () => client.Open("npc", new NpcOptions { RateHz = 7999 }));
                Npc npc = client.Open("npc");
                Check.Fails("stream", () => client.Open("npc"));
                Check.Fails("audio", () => npc.Say(new[] { 0, float.NaN }, 0, 2));
                Check.Fails("value", () => npc.Text(new[] { "a", "b" }, new[] { 0.5 }));
                Check.Equal(1, npc.Segment, "begun by what failed");
                npc.End();
                Check.Equal(1, npc.Say(new float[0], 0, 0), "nothing begins nothing");
                Check.Equal(2, npc.Say(new float[10], 0, 10), "segment");
                npc.Clear();
                npc.Close();
                npc.Close();
                Check.Fails("closed", () => npc.Say(new float[10], 0, 10));
                Check.Fails("closed", () => npc.Clear());
                client.Open("npc");
                Check.Equal(1, client.Npcs.Count, "characters");
            }
            var gone = new UmoClient("tcp://127.0.0.1:1");
            gone.Dispose();
            gone.Dispose();
            gone.Poll();
            Check.Fails("closed", () => gone.Open("npc"));
        }

        /// <summary>It says why there is no connection, in one line, and ends at once.</summary>
        static void Problem(string url, string code)
        {
            var client = new UmoClient(url, new ClientOptions { SilenceSeconds = 1 });
            var waited = Stopwatch.StartNew();
            while (client.Problem == null && waited.ElapsedMilliseconds < 20000)
            {
                client.Poll();
                Thread.Sleep(10);
            }
            Check.True(client.Problem != null, "it says nothing");
            Console.WriteLine(client.Problem.Message);
            Check.Equal(code, client.Problem.Code, client.Problem.Message);
            Check.True(client.Problem.Message.IndexOf('\n') < 0, "one line");
            waited.Restart();
            client.Dispose();
            Check.True(waited.ElapsedMilliseconds < 200, "it took " + waited.ElapsedMilliseconds + " ms to end");
        }

        /// <summary>A SUB socket takes a hundred messages of its topic.</summary>
        static void Subscriber(string url)
        {
            var heard = new Hearer();
            using (new ZmtpSocket(ZmtpAddress.Parse(url), ZmtpKind.Sub, heard, Sessions.Seconds, 5))
            {
                var waited = Stopwatch.StartNew();
                while (heard.Count < 100 && waited.ElapsedMilliseconds < 20000)
                {
                    Thread.Sleep(5);
                }
            }
            Check.True(heard.Count >= 100, "messages: " + heard.Count);
            Check.Equal(0, heard.NumWrong, "messages of other topics, and torn ones");
        }

        sealed class Hearer : IZmtpUser
        {
            public volatile int Count, NumWrong;
            bool _isTopic = true;

            public byte[] FirstMessage()
            {
                return new[] { (byte)'a' };
            }

            public byte[] Heartbeat()
            {
                return null;
            }

            public void Connected(int connection)
            {
            }

            public void Lost(string code, string reason)
            {
                Console.WriteLine(code + ": " + reason);
            }

            public void Received(byte[] bytes, int offset, int count, bool hasMore)
            {
                bool isRight = hasMore == _isTopic && (_isTopic ? bytes[offset] == 'a' : count == 1121);
                Count += hasMore ? 0 : 1;
                NumWrong += isRight ? 0 : 1;
                _isTopic = !hasMore;
            }
        }
    }
}
