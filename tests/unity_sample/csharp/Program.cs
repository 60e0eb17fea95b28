using System;
using System.Collections.Generic;

namespace Umo.Tests
{
    static class Program
    {
        static int Main(string[] arguments)
        {
            var tests = new Dictionary<string, Action<string[]>>();
            WireTests.AddTo(tests);
            FuzzTests.AddTo(tests);
            SpaceTests.AddTo(tests);
            PoseTests.AddTo(tests);
            JitterBufferTests.AddTo(tests);
            PosePlayerTests.AddTo(tests);
            SpokenTests.AddTo(tests);
            RetargetingTests.AddTo(tests);
            NameTests.AddTo(tests);
            SpeechTests.AddTo(tests);
            ClientTests.AddTo(tests);
            Sessions.AddTo(tests);
            return TestRun.One(tests, arguments);
        }
    }
}
