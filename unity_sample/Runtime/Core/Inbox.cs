using System.Collections.Generic;

namespace Umo
{
    /// <summary>What happened on the socket's thread, for the user's thread to take.</summary>
    internal struct Arrival
    {
        /// <summary>A pose; null if something else happened.</summary>
        public Frame Frame;

        /// <summary>Another message, or null.</summary>
        public ServerMessage Message;

        /// <summary>The number of a new connection, or 0.</summary>
        public int Connection;

        /// <summary>Why the connection has ended, or null.</summary>
        public UmoException Lost;
    }

    /// <summary>A queue from one thread to another that allocates nothing while it runs.</summary>
    internal sealed class Inbox
    {
        readonly object _gate = new object();
        List<Arrival> _coming = new List<Arrival>();
        List<Arrival> _taken = new List<Arrival>();
        int _next;

        /// <summary>How many wait that nobody has begun to take.</summary>
        public int Count
        {
            get
            {
                lock (_gate)
                {
                    return _coming.Count;
                }
            }
        }

        public void Put(Arrival arrival)
        {
            lock (_gate)
            {
                _coming.Add(arrival);
            }
        }

        /// <summary>Take the next one, in order; false if there is none.</summary>
        public bool Take(out Arrival arrival)
        {
            if (_next == _taken.Count)
            {
                Swap();
            }
            bool isThere = _next < _taken.Count;
            arrival = isThere ? _taken[_next++] : default(Arrival);
            return isThere;
        }

        void Swap()
        {
            _taken.Clear();
            _next = 0;
            lock (_gate)
            {
                List<Arrival> taken = _taken;
                _taken = _coming;
                _coming = taken;
            }
        }
    }
}
