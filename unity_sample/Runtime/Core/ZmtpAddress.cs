using System;
using System.Globalization;

namespace Umo
{
    /// <summary>Where a server listens.</summary>
    internal sealed class ZmtpAddress
    {
        const string _scheme = "tcp://";

        public readonly string Host;
        public readonly int Port;

        ZmtpAddress(string host, int port)
        {
            Host = host;
            Port = port;
        }

        /// <summary>The address that a text such as tcp://127.0.0.1:7601 or tcp://[::1]:7601 names.
        /// </summary>
        /// <exception cref="UmoException">It names none.</exception>
        public static ZmtpAddress Parse(string url)
        {
            int colon = url == null ? -1 : url.LastIndexOf(':');
            int port = 0;
            bool isOne = colon > _scheme.Length && url.StartsWith(_scheme, StringComparison.Ordinal)
                && int.TryParse(
                    url.Substring(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture,
                    out port) && port > 0 && port < 65536;
            if (!isOne)
            {
                throw new UmoException(
                    "address", "cannot connect to \"" + url + "\"; example: tcp://127.0.0.1:7601");
            }
            string host = url.Substring(_scheme.Length, colon - _scheme.Length);
            return new ZmtpAddress(host.Trim('[', ']'), port);
        }

        public override string ToString()
        {
            string host = Host.IndexOf(':') < 0 ? Host : "[" + Host + "]";
            return _scheme + host + ":" + Port.ToString(CultureInfo.InvariantCulture);
        }
    }
}
