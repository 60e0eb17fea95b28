using System;
using System.Diagnostics;

namespace Umo
{
    /// <summary>How a client connects.</summary>
    public sealed class ClientOptions
    {
        /// <summary>Tells people who run the server who this is.</summary>
        public string Name { get; set; } = "unity";

        /// <summary>The server's secret, where it has one.</summary>
        public string Token { get; set; } = "";

        /// <summary>After so many seconds without a word from the server the client connects anew;
        /// 1 and more.</summary>
        public double SilenceSeconds { get; set; } = 5;

        /// <summary>Seconds that never go back; called on any thread. By default the machine's.
        /// </summary>
        public Func<double> Clock { get; set; } = MachineSeconds;

        static double MachineSeconds()
        {
            return (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;
        }
    }
}
