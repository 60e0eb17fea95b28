using System.Collections.Generic;

namespace Umo
{
    /// <summary>Kinds of messages that servers send.</summary>
    internal enum MessageKind
    {
        Welcome,
        Moved,
        Opened,
        Frame,
        Ended,
        Cleared,
        Closed,
        Pong,
        Stats,
        Notice,
        Refusal,
    }

    /// <summary>What a server said (docs/wire_protocol.md, "From the server").</summary>
    /// <remarks>Of the fields only those of its kind mean something.</remarks>
    internal sealed class ServerMessage
    {
        public MessageKind Kind;
        public string Stream, Server, Url, Code, Reason;
        public List<string> Bones, Blendshapes;
        public long MaxStreams, MaxMessageBytes, Index, Segment, Number, Frames, Underruns, Skipped;
        public long Fps;
        public double TimeoutSeconds, PtsSeconds, DurationSeconds, AudioSeconds, LateSeconds;

        /// <summary>The pose of a frame; of no other kind.</summary>
        public Frame Frame;
    }
}
