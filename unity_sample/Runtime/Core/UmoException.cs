using System;

namespace Umo
{
    /// <summary>The one kind of error here; its message is one line that says what to do.</summary>
    public sealed class UmoException : Exception
    {
        /// <summary>A word for programs: that of a refusal (docs/wire_protocol.md), or "address",
        /// "audio", "closed", "connect", "gone", "mechanism", "protocol".</summary>
        public string Code { get; }

        /// <summary>An error.</summary>
        public UmoException(string code, string message) : base(message)
        {
            Code = code;
        }
    }
}
