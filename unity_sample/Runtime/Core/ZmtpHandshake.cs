using System;
using System.IO;
using System.Text;

namespace Umo
{
    /// <summary>Which side of which pattern a socket is.</summary>
    internal enum ZmtpKind
    {
        Dealer,
        Sub,
    }

    /// <summary>Bytes with which a connection begins: greeting and READY of the NULL mechanism.
    /// </summary>
    /// <remarks>Source: https://rfc.zeromq.org/spec/23 (ZMTP 3.0) and /spec/37 (3.1).</remarks>
    internal static class ZmtpHandshake
    {
        public const int VersionBytes = 12; // that a greeting begins with
        const int _majorAt = 10, _minorAt = 11, _mechanismAt = 12, _mechanismBytes = 20;

        /// <summary>Ours: version 3.1, NULL.</summary>
        public static byte[] Greeting()
        {
            var greeting = new byte[64];
            greeting[0] = 0xff;
            greeting[9] = 0x7f;
            greeting[_majorAt] = 3;
            greeting[_minorAt] = 1;
            Encoding.ASCII.GetBytes("NULL", 0, 4, greeting, _mechanismAt);
            return greeting;
        }

        /// <summary>Check the greeting of the other side.</summary>
        /// <returns>The minor version.</returns>
        /// <exception cref="UmoException">It speaks something else, or demands keys.</exception>
        public static int Accept(byte[] greeting)
        {
            if (greeting[0] != 0xff || greeting[9] != 0x7f || greeting[_majorAt] < 3)
            {
                throw new UmoException(
                    "protocol", "what answers speaks no ZMTP 3; give the address of umo serve");
            }
            string mechanism = Encoding.ASCII.GetString(greeting, _mechanismAt, _mechanismBytes);
            mechanism = mechanism.TrimEnd('\0');
            if (mechanism != "NULL")
            {
                throw new UmoException(
                    "mechanism",
                    "the server demands " + mechanism + " keys, which this client has not; " +
                    "serve with a token instead and reach it through a tunnel");
            }
            return greeting[_majorAt] == 3 ? greeting[_minorAt] : 1;
        }

        /// <summary>The body of our READY command.</summary>
        /// <param name="kind">What this side is.</param>
        /// <param name="identity">By which a ROUTER knows this client again; not used by SUB.</param>
        public static byte[] Ready(ZmtpKind kind, byte[] identity)
        {
            string type = kind == ZmtpKind.Dealer ? "DEALER" : "SUB";
            var body = new MemoryStream();
            Name(body, "READY");
            Property(body, "Socket-Type", Encoding.ASCII.GetBytes(type));
            if (kind == ZmtpKind.Dealer)
            {
                Property(body, "Identity", identity);
            }
            return body.ToArray();
        }

        /// <summary>The answer to a PING command, which repeats its context.</summary>
        public static byte[] Pong(byte[] ping, int offset, int count)
        {
            const int contextAt = 7, mostContext = 16; // behind the name and the time to live
            var body = new MemoryStream();
            Name(body, "PONG");
            int size = Math.Min(Math.Max(0, count - contextAt), mostContext);
            body.Write(ping, offset + Math.Min(contextAt, count), size);
            return body.ToArray();
        }

        static void Property(MemoryStream body, string name, byte[] value)
        {
            Name(body, name);
            body.Write(new byte[] { 0, 0, 0, (byte)value.Length }, 0, 4);
            body.Write(value, 0, value.Length);
        }

        static void Name(MemoryStream body, string name)
        {
            body.WriteByte((byte)name.Length);
            body.Write(Encoding.ASCII.GetBytes(name), 0, name.Length);
        }
    }
}
