namespace Umo
{
    /// <summary>What uses a <see cref="ZmtpSocket"/>; called on the socket's threads.</summary>
    internal interface IZmtpUser
    {
        /// <summary>What is said first on every connection; of a SUB the topic.</summary>
        byte[] FirstMessage();

        /// <summary>A sign of life; null: none.</summary>
        byte[] Heartbeat();

        /// <summary>There is a connection, of this number.</summary>
        void Connected(int connection);

        /// <summary>A part of a message came; the bytes are only lent.</summary>
        void Received(byte[] bytes, int offset, int count, bool hasMore);

        /// <summary>The connection has ended, or there is none.</summary>
        void Lost(string code, string reason);
    }
}
