using System;
using System.Collections.Generic;

namespace Umo.Tests
{
    static class UnityProgram
    {
        static int Main(string[] arguments)
        {
            var tests = new Dictionary<string, Action<string[]>>();
            RigTests.AddTo(tests);
            FaceTests.AddTo(tests);
            PlayTests.AddTo(tests);
            int status = TestRun.One(tests, arguments);
            UnityEngine.Engine.HasAudio = false;
            return status;
        }
    }
}
