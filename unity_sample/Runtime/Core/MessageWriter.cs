using System.Collections.Generic;

namespace Umo
{
    /// <summary>Makes the bytes of what a client says (docs/wire_protocol.md, "From the client").
    /// </summary>
    internal sealed class MessageWriter
    {
        static readonly byte[] _nothing = new byte[0];
        readonly MsgPackWriter _record = new MsgPackWriter();

        public byte[] Hello(string client, string token)
        {
            Begin("hello", 2);
            Text("client", client);
            Text("token", token);
            return Message();
        }

        /// <param name="seed">Of the motion; null: from the name.</param>
        public byte[] Open(string stream, int rateHz, SampleFormat format, uint? seed, bool isPaced)
        {
            Begin("open", seed == null ? 4 : 5, stream);
            Integer("rate_hz", rateHz);
            Text("format", format == SampleFormat.S16 ? "s16" : "f32");
            if (seed != null)
            {
                Integer("seed", seed.Value);
            }
            _record.String("paced");
            _record.Boolean(isPaced);
            return Message();
        }

        /// <param name="shown">Frames of the audio that follows that were shown elsewhere.</param>
        /// <param name="aheadSeconds">Until the next frame is due.</param>
        /// <param name="pose">The values of the last frame.</param>
        public byte[] Stand(string stream, int shown, double aheadSeconds, float[] pose)
        {
            var bytes = new byte[sizeof(float) * Pose.NumValues];
            System.Buffer.BlockCopy(pose, 0, bytes, 0, bytes.Length);
            Begin("stand", 3, stream);
            Integer("shown", shown);
            Number("ahead_s", aheadSeconds);
            return Message(bytes, 0, bytes.Length);
        }

        public byte[] Audio(string stream, int segment, byte[] samples, int offset, int count)
        {
            Begin("audio", 2, stream);
            Integer("segment", segment);
            return Message(samples, offset, count);
        }

        public byte[] End(string stream, int segment)
        {
            Begin("end", 2, stream);
            Integer("segment", segment);
            return Message();
        }

        /// <param name="timesSeconds">One a word, or none.</param>
        public byte[] Words(
            string stream, int segment, IReadOnlyList<string> words,
            IReadOnlyList<double> timesSeconds)
        {
            Begin("text", 4, stream);
            Integer("segment", segment);
            _record.String("words");
            _record.ArrayHeader(words.Count);
            for (int n = 0; n < words.Count; n++)
            {
                _record.String(words[n]);
            }
            Numbers("times_s", timesSeconds);
            return Message();
        }

        public byte[] Control(string stream, Direction direction)
        {
            Begin("control", 1 + direction.Count, stream);
            Number("calmness", direction.Calmness);
            Text("emotion", direction.Emotion);
            Number("intensity", direction.Intensity);
            Text("state", direction.State);
            if (direction.GazeDegrees != null)
            {
                Numbers("gaze_deg", direction.GazeDegrees);
            }
            return Message();
        }

        public byte[] Clear(string stream)
        {
            Begin("clear", 1, stream);
            return Message();
        }

        public byte[] Playback(string stream, int segment, double positionSeconds)
        {
            Begin("playback", 3, stream);
            Integer("segment", segment);
            Number("position_s", positionSeconds);
            return Message();
        }

        public byte[] Close(string stream)
        {
            Begin("close", 1, stream);
            return Message();
        }

        public byte[] Ping(uint number)
        {
            Begin("ping", 1);
            Integer("number", number);
            return Message();
        }

        public byte[] AskStats(string stream)
        {
            Begin("stats?", 1, stream);
            return Message();
        }

        void Begin(string type, int numFields, string stream = null)
        {
            _record.Clear();
            _record.MapHeader(1 + numFields);
            Text("type", type);
            Text("stream", stream);
        }

        void Text(string name, string value)
        {
            if (value != null)
            {
                _record.String(name);
                _record.String(value);
            }
        }

        void Integer(string name, long value)
        {
            _record.String(name);
            _record.Integer(value);
        }

        void Number(string name, double? value)
        {
            if (value != null)
            {
                _record.String(name);
                _record.Double(value.Value);
            }
        }

        void Numbers(string name, IReadOnlyList<double> values)
        {
            _record.String(name);
            _record.ArrayHeader(values.Count);
            for (int n = 0; n < values.Count; n++)
            {
                _record.Double(values[n]);
            }
        }

        byte[] Message()
        {
            return Message(_nothing, 0, 0);
        }

        /// <exception cref="UmoException">It is too long.</exception>
        byte[] Message(byte[] payload, int offset, int count)
        {
            int length = _record.Count, size = Wire.PrefixBytes + length + count;
            if (length > Wire.MostRecordBytes || size > Wire.MostMessageBytes)
            {
                throw new UmoException(
                    "size",
                    "a message has " + length + " bytes of fields and " + count + " of payload; " +
                    "send at most " + Wire.MostRecordBytes + ", in several messages");
            }
            var message = new byte[size];
            message[0] = (byte)'U';
            message[1] = (byte)'M';
            message[2] = (byte)'O';
            message[3] = Wire.Version;
            message[4] = (byte)length;
            message[5] = (byte)(length >> 8);
            System.Buffer.BlockCopy(_record.Bytes, 0, message, Wire.PrefixBytes, length);
            System.Buffer.BlockCopy(payload, offset, message, Wire.PrefixBytes + length, count);
            return message;
        }
    }
}
