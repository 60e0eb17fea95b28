using System.Collections.Generic;

namespace Umo
{
    /// <summary>Frames that are free to be used again; for any thread.</summary>
    internal sealed class FramePool
    {
        readonly Stack<Frame> _free = new Stack<Frame>();

        public Frame Rent()
        {
            lock (_free)
            {
                return _free.Count > 0 ? _free.Pop() : new Frame();
            }
        }

        public void Return(Frame frame)
        {
            lock (_free)
            {
                _free.Push(frame);
            }
        }
    }
}
