using System;
using UnityEngine;

namespace Umo
{
    /// <summary>Where `umo serve` is; an asset that many characters share.</summary>
    [CreateAssetMenu(menuName = "UMo/Connection", fileName = "UMo Connection")]
    public sealed class UmoConnection : ScriptableObject
    {
        [SerializeField, Tooltip("Address that `umo serve` prints.")]
        string url = "tcp://127.0.0.1:7601";

        [SerializeField, Tooltip("Who this is, for people who run the server.")]
        string clientName = "unity";

        [SerializeField, Tooltip("Stored in builds in plain text: better none, and UmoConnection.Create.")]
        string token = "";

        [SerializeField, Range(0.02f, 1), Tooltip("Seconds that life between speech is shown behind its arrival.")]
        float delaySeconds = 0.1f;

        [NonSerialized] UmoSession _session;

        /// <summary>A connection that is no asset, such as with a token that is no part of a build.
        /// </summary>
        public static UmoConnection Create(string url, string token = "", string clientName = "unity")
        {
            var connection = CreateInstance<UmoConnection>();
            connection.url = url;
            connection.token = token;
            connection.clientName = clientName;
            return connection;
        }

        /// <summary>Address of the server.</summary>
        public string Url => url;

        /// <summary>See <see cref="NpcOptions.DelaySeconds"/>.</summary>
        public float DelaySeconds => delaySeconds;

        internal UmoClient NewClient()
        {
            return new UmoClient(url.Trim(), new ClientOptions { Name = clientName, Token = token });
        }

        /// <summary>The session that all characters of this connection share; the first one begins it.
        /// </summary>
        internal UmoSession Join()
        {
            if (_session == null)
            {
                _session = UmoSession.Begin(this);
            }
            _session.Join();
            return _session;
        }
    }
}
