using System;
using System.Collections.Generic;
using System.Globalization;

namespace Umo.Tests
{
    static class TestRun
    {
        /// <summary>Run the test that the first argument names; the exit status.</summary>
        public static int One(Dictionary<string, Action<string[]>> tests, string[] arguments)
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE"); // a decimal comma must not matter
            try
            {
                tests[arguments[0]](arguments);
                Console.WriteLine("passed " + arguments[0]);
                return 0;
            }
            catch (Exception error)
            {
                Console.WriteLine("failed " + arguments[0] + ": " + error);
                return 1;
            }
        }
    }
}
