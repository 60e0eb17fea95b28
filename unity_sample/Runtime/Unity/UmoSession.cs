using System;
using UnityEngine;

namespace Umo
{
    /// <summary>The one client of a connection; it comes with the first character and goes with the
    /// last one.</summary>
    /// <remarks>Nothing is static, and its threads end in OnDisable, which also comes before scripts
    /// are reloaded: entering play mode without domain reload, or compiling while it plays, leaves
    /// nothing behind.</remarks>
    [DefaultExecutionOrder(-100), DisallowMultipleComponent, AddComponentMenu("")]
    public sealed class UmoSession : MonoBehaviour
    {
        [SerializeField] UmoConnection connection;
        [NonSerialized] int _numUsers;
        string _problem = "";

        /// <summary>The client; null if its address is none.</summary>
        public UmoClient Client { get; private set; }

        /// <summary>What is the matter, in one line, for people.</summary>
        public string Status =>
            Client == null ? _problem
            : Client.IsConnected ? "connected to " + Client.ServerName
            : Client.Problem != null ? Client.Problem.Message : "connecting to " + connection.Url;

        internal static UmoSession Begin(UmoConnection connection)
        {
            var home = new GameObject("UMo session") { hideFlags = HideFlags.DontSave };
            home.SetActive(false); // until it knows its connection
            var session = home.AddComponent<UmoSession>();
            session.connection = connection;
            DontDestroyOnLoad(home);
            home.SetActive(true);
            return session;
        }

        internal void Join()
        {
            _numUsers++;
        }

        internal void Leave()
        {
            _numUsers--;
        }

        /// <summary>Bring a character to life; a number is added to a name that is taken.</summary>
        internal Npc Open(string name, NpcOptions options)
        {
            name = name.Length > 56 ? name.Substring(0, 56) : name;
            string free = name;
            for (int n = 2; IsTaken(free); n++)
            {
                free = name + " " + n;
            }
            Npc npc = Client.Open(free, options);
            npc.Refused += error => Warn("\"" + free + "\": " + error.Message);
            return npc;
        }

        bool IsTaken(string name)
        {
            for (int n = 0; n < Client.Npcs.Count; n++)
            {
                if (Client.Npcs[n].Name == name)
                {
                    return true;
                }
            }
            return false;
        }

        void OnEnable()
        {
            try
            {
                Client = connection.NewClient();
                Client.Connected += Connected;
                Client.Disconnected += error => Warn("the connection was lost: " + error.Message);
                Client.Refused += error => Warn(error.Message);
            }
            catch (UmoException error)
            {
                Warn(error.Message);
            }
        }

        void Update()
        {
            if (Client != null)
            {
                Client.Poll();
                if (Client.Problem != null)
                {
                    Warn(Client.Problem.Message);
                }
            }
            if (_numUsers <= 0)
            {
                Destroy(gameObject);
            }
        }

        void OnDisable()
        {
            if (Client != null)
            {
                Client.Dispose();
                Client = null;
            }
        }

        void Connected()
        {
            _problem = "";
            Debug.Log("UMo: connected to " + Client.ServerName + " at " + connection.Url, this);
        }

        /// <summary>Say it once.</summary>
        void Warn(string problem)
        {
            if (problem != _problem)
            {
                _problem = problem;
                Debug.LogWarning("UMo: " + problem, this);
            }
        }
    }
}
