using System;
using System.Collections.Generic;

namespace Umo
{
    /// <summary>A connection to `umo serve`, and its characters.</summary>
    /// <remarks>
    /// Everything happens on the thread that calls: threads of its own only carry bytes, and what
    /// came is seen, events included, inside <see cref="Poll"/>. Nothing waits for the network. A
    /// connection that is lost is made again, and characters go on from where they were.
    /// </remarks>
    /// <example><code>
    /// client = new UmoClient("tcp://127.0.0.1:7601");      // OnEnable
    /// npc = client.Open("npc", new NpcOptions { RateHz = 24000 });
    /// npc.Say(samples, 0, samples.Length);
    /// npc.End();
    /// client.Poll();                                       // Update, before all characters
    /// npc.SetPlayhead(1, secondsHeard);
    /// if (npc.Sample(pose)) Apply(pose);
    /// client.Dispose();                                    // OnDisable
    /// </code></example>
    public sealed class UmoClient : IDisposable
    {
        const double _retrySeconds = 1; // where the server has refused this client
        const int _mostMoves = 4; // before anything else comes: more is a circle
        readonly ZmtpAddress _home;
        readonly Func<double> _clock;
        readonly ServerLink _link;
        readonly MessageWriter _writer = new MessageWriter();
        readonly RoundTrip _roundTrip = new RoundTrip();
        readonly Dictionary<string, Npc> _byName = new Dictionary<string, Npc>();
        readonly List<Npc> _npcs = new List<Npc>();
        bool _isAway, _isDisposed, _isRefused;
        int _connection, _moves;
        double _retryAt = double.PositiveInfinity;

        /// <summary>Begin to connect.</summary>
        /// <param name="url">Such as tcp://127.0.0.1:7601; a host's name may stand for numbers.
        /// </param>
        /// <param name="options">Token and others.</param>
        /// <exception cref="UmoException">"address": the url is none.</exception>
        public UmoClient(string url, ClientOptions options = null)
        {
            options = options ?? new ClientOptions();
            _home = ZmtpAddress.Parse(url);
            _clock = options.Clock;
            byte[] hello = _writer.Hello(options.Name, options.Token);
            _link = new ServerLink(_home, hello, _clock, Math.Max(1, options.SilenceSeconds));
        }

        /// <summary>The server has let this client in, for the first time or again.</summary>
        public event Action Connected;

        /// <summary>The connection was lost; it is being made again.</summary>
        public event Action<UmoException> Disconnected;

        /// <summary>The server does not let this client in, such as for its token, or did not do
        /// something. That it does not let it in is said once, and tried again every second.</summary>
        public event Action<UmoException> Refused;

        /// <summary>Whether there is a server at present.</summary>
        public bool IsConnected { get; private set; }

        /// <summary>Why there is no connection, for people; null while there is one and before it is
        /// known.</summary>
        public UmoException Problem { get; private set; }

        /// <summary>What the server calls itself; null before the first connection.</summary>
        public string ServerName { get; private set; }

        /// <summary>Characters that it has room for, of all clients together.</summary>
        public int MaxNpcs { get; private set; }

        /// <summary>The 55 names of bones, as in Unity's HumanBodyBones; null before the first
        /// connection.</summary>
        public IReadOnlyList<string> Bones { get; private set; }

        /// <summary>The 52 ARKit names of blendshapes, such as jawOpen; null before the first
        /// connection.</summary>
        public IReadOnlyList<string> Blendshapes { get; private set; }

        /// <summary>Frames a second and character that the server sends: 30, less under overload.
        /// </summary>
        public int FrameRateHz { get; private set; } = (int)Wire.FrameRateHz;

        /// <summary>Seconds there and back, the shortest of the last eight; 0 before the first.
        /// </summary>
        public double RoundTripSeconds => _roundTrip.Seconds;

        /// <summary>How often a connection that stood was lost.</summary>
        public int NumDisconnects { get; private set; }

        /// <summary>Messages from the server that were none, and were dropped.</summary>
        public long NumBadMessages => _link.NumBad;

        /// <summary>Frames between speech that were dropped because nobody called Poll.</summary>
        public long NumUnread => _link.NumUnread;

        /// <summary>The characters.</summary>
        public IReadOnlyList<Npc> Npcs => _npcs;

        internal FramePool Frames => _link.Frames;

        internal double Now => _clock();

        /// <summary>Bring a character to life, now or as soon as there is a connection.</summary>
        /// <param name="name">1 to 64 characters; no other of this client has it.</param>
        /// <param name="options">Rate of its audio and others.</param>
        /// <exception cref="UmoException">"stream": the name cannot be had; "value": the rate;
        /// "closed".</exception>
        public Npc Open(string name, NpcOptions options = null)
        {
            options = options ?? new NpcOptions();
            Check(name, options);
            var npc = new Npc(name, options, this, _writer);
            _byName[name] = npc;
            _npcs.Add(npc);
            if (IsConnected)
            {
                npc.OpenAgain();
            }
            return npc;
        }

        /// <summary>Take in what has come; call it once for every picture.</summary>
        public void Poll()
        {
            Arrival arrival;
            while (!_isDisposed && _link.Take(out arrival))
            {
                Take(arrival);
            }
            double now = _clock();
            if (now >= _retryAt && !_isDisposed)
            {
                _retryAt = double.PositiveInfinity;
                _link.MoveTo(_home);
            }
            for (int n = 0; n < _npcs.Count; n++)
            {
                _npcs[n].Tick(now);
            }
        }

        /// <summary>End all characters and the connection; returns within 200 ms.</summary>
        public void Dispose()
        {
            if (!_isDisposed)
            {
                while (_npcs.Count > 0)
                {
                    _npcs[_npcs.Count - 1].Close();
                }
                _isDisposed = true;
                IsConnected = false;
                _link.Dispose();
            }
        }

        internal void Send(byte[] message)
        {
            if (IsConnected)
            {
                _link.Send(message, _connection);
            }
        }

        internal void Remove(Npc npc)
        {
            _byName.Remove(npc.Name);
            _npcs.Remove(npc);
        }

        void Check(string name, NpcOptions options)
        {
            if (_isDisposed)
            {
                throw new UmoException("closed", "the client is disposed of; make another");
            }
            if (string.IsNullOrEmpty(name) || name.Length > Wire.MostNameLetters)
            {
                throw new UmoException(
                    "stream", "the name is \"" + name + "\"; give 1 to 64 characters");
            }
            if (_byName.ContainsKey(name))
            {
                throw new UmoException("stream", "\"" + name + "\" is open; choose another name");
            }
            if (options.RateHz < 8000 || options.RateHz > 192000)
            {
                throw new UmoException(
                    "value", "RateHz is " + options.RateHz + "; give 8000 to 192000");
            }
        }

        void Take(Arrival arrival)
        {
            Npc npc;
            if (arrival.Frame != null)
            {
                if (_byName.TryGetValue(arrival.Frame.Stream, out npc))
                {
                    npc.Take(arrival.Frame);
                }
                else
                {
                    Frames.Return(arrival.Frame);
                }
            }
            else if (arrival.Message != null)
            {
                Take(arrival.Message);
            }
            else if (arrival.Lost != null)
            {
                Lose(arrival.Lost);
            }
            else
            {
                _connection = arrival.Connection;
            }
        }

        void Take(ServerMessage message)
        {
            switch (message.Kind)
            {
                case MessageKind.Welcome: TakeWelcome(message); break;
                case MessageKind.Moved: TakeMoved(message); break;
                case MessageKind.Notice: FrameRateHz = (int)message.Fps; break;
                case MessageKind.Pong: _roundTrip.Add(message.LateSeconds); break;
                default: Route(message); break;
            }
        }

        void TakeWelcome(ServerMessage message)
        {
            ServerName = message.Server;
            MaxNpcs = (int)Math.Min(int.MaxValue, message.MaxStreams);
            Bones = message.Bones;
            Blendshapes = message.Blendshapes;
            FrameRateHz = (int)Wire.FrameRateHz;
            Problem = null;
            IsConnected = true;
            _isRefused = false;
            _retryAt = double.PositiveInfinity;
            _moves = 0;
            for (int n = 0; n < _npcs.Count; n++)
            {
                _npcs[n].OpenAgain();
            }
            if (Connected != null)
            {
                Connected();
            }
        }

        void TakeMoved(ServerMessage message)
        {
            _moves++;
            try
            {
                if (_moves > _mostMoves)
                {
                    throw new UmoException(
                        "moved", "it sends to " + message.Url + ", the " + _moves +
                        "th address; ask who runs it");
                }
                _link.MoveTo(ZmtpAddress.Parse(message.Url));
                _isAway = true;
            }
            catch (UmoException error)
            {
                Refuse(error);
            }
        }

        void Lose(UmoException reason)
        {
            bool wasConnected = IsConnected;
            IsConnected = false;
            Problem = reason;
            _moves = 0;
            if (_isAway)
            {
                _isAway = false;
                _link.MoveTo(_home);
            }
            if (!wasConnected)
            {
                return;
            }
            NumDisconnects++;
            for (int n = 0; n < _npcs.Count; n++)
            {
                _npcs[n].Lose();
            }
            if (Disconnected != null)
            {
                Disconnected(reason);
            }
        }

        void Refuse(UmoException error)
        {
            bool isNew = IsConnected || !_isRefused;
            if (!IsConnected)
            {
                _moves = 0;
                _isAway = false;
                _isRefused = true;
                _retryAt = _clock() + _retrySeconds;
                Problem = error.Code == "hello" && Problem != null ? Problem : error;
            }
            if (isNew && Refused != null)
            {
                Refused(error);
            }
        }

        void Route(ServerMessage message)
        {
            Npc npc;
            if (_byName.TryGetValue(message.Stream, out npc))
            {
                npc.Take(message);
            }
            else if (message.Kind == MessageKind.Refusal && message.Stream.Length == 0
                && message.Code != "type") // of a server that does not know `stand`
            {
                Refuse(new UmoException(message.Code, message.Reason));
            }
        }
    }
}
