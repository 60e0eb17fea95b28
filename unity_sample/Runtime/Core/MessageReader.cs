using System;
using System.Collections.Generic;

namespace Umo
{
    /// <summary>Reads what servers say; bytes that are no message are refused, never an exception.
    /// </summary>
    internal sealed class MessageReader
    {
        [Flags]
        enum Fields
        {
            None = 0,
            Stream = 1 << 0,
            Server = 1 << 1,
            MaxStreams = 1 << 2,
            MaxMessageBytes = 1 << 3,
            Timeout = 1 << 4,
            Bones = 1 << 5,
            Blendshapes = 1 << 6,
            Url = 1 << 7,
            Index = 1 << 8,
            Segment = 1 << 9,
            Pts = 1 << 10,
            Duration = 1 << 11,
            Number = 1 << 12,
            Frames = 1 << 13,
            Audio = 1 << 14,
            Underruns = 1 << 15,
            Late = 1 << 16,
            Skipped = 1 << 17,
            Fps = 1 << 18,
            Code = 1 << 19,
            Reason = 1 << 20,
        }

        sealed class Rule
        {
            public readonly MessageKind Kind;
            public readonly Fields Needed, Optional;

            public Rule(MessageKind kind, Fields needed, Fields optional = Fields.None)
            {
                Kind = kind;
                Needed = needed;
                Optional = optional;
            }
        }

        static readonly Dictionary<string, Rule> _rules = new Dictionary<string, Rule>
        {
            ["frame"] = new Rule(
                MessageKind.Frame, Fields.Stream | Fields.Index | Fields.Segment | Fields.Pts),
            ["welcome"] = new Rule(
                MessageKind.Welcome,
                Fields.Server | Fields.MaxStreams | Fields.MaxMessageBytes | Fields.Timeout |
                Fields.Bones | Fields.Blendshapes),
            ["moved"] = new Rule(MessageKind.Moved, Fields.Url),
            ["opened"] = new Rule(MessageKind.Opened, Fields.Stream),
            ["ended"] = new Rule(
                MessageKind.Ended, Fields.Stream | Fields.Segment | Fields.Duration),
            ["cleared"] = new Rule(MessageKind.Cleared, Fields.Stream | Fields.Segment),
            ["closed"] = new Rule(MessageKind.Closed, Fields.Stream),
            ["pong"] = new Rule(MessageKind.Pong, Fields.Number),
            ["stats"] = new Rule(
                MessageKind.Stats,
                Fields.Stream | Fields.Frames | Fields.Audio | Fields.Underruns | Fields.Late |
                Fields.Skipped),
            ["notice"] = new Rule(MessageKind.Notice, Fields.Fps),
            ["refusal"] = new Rule(
                MessageKind.Refusal, Fields.Code | Fields.Reason, Fields.Stream),
        };

        readonly MsgPackReader _record = new MsgPackReader();
        readonly FramePool _frames;
        ServerMessage _message;
        string _type;
        Fields _seen;
        bool _isStrange, _isWrong; // there are unknown fields, impossible values

        public MessageReader(FramePool frames)
        {
            _frames = frames;
        }

        /// <summary>Read one message.</summary>
        /// <param name="message">Gets what it says; a frame is rented from the pool.</param>
        /// <returns>Null, or the code of a refusal: "magic", "version", "size", "record", "type",
        /// "field", "value" or "payload".</returns>
        public string Read(byte[] bytes, int offset, int count, ServerMessage message)
        {
            int start = offset + Wire.PrefixBytes;
            string code = Prefix(bytes, offset, count);
            if (code != null)
            {
                return code;
            }
            int length = bytes[offset + 4] | bytes[offset + 5] << 8;
            if (length > count - Wire.PrefixBytes || !ReadRecord(bytes, start, length, message))
            {
                return "record";
            }
            int numPayload = count - Wire.PrefixBytes - length;
            return Judge() ?? Payload(bytes, start + length, numPayload);
        }

        static string Prefix(byte[] bytes, int offset, int count)
        {
            if (count > Wire.MostMessageBytes)
            {
                return "size";
            }
            bool isOurs = count >= Wire.PrefixBytes && bytes[offset] == 'U' &&
                bytes[offset + 1] == 'M' && bytes[offset + 2] == 'O';
            return !isOurs ? "magic" : bytes[offset + 3] != Wire.Version ? "version" : null;
        }

        bool ReadRecord(byte[] bytes, int offset, int count, ServerMessage message)
        {
            _message = message;
            _type = null;
            _seen = Fields.None;
            _isStrange = _isWrong = false;
            message.Stream = "";
            message.Frame = null;
            _record.Begin(bytes, offset, count);
            for (int left = _record.MapHeader(); left > 0 && !_record.IsBroken; left--)
            {
                string name = _record.String();
                if (!_record.IsBroken)
                {
                    ReadField(name);
                }
            }
            return !_record.IsBroken && _record.IsAtEnd;
        }

        void ReadField(string name)
        {
            switch (name)
            {
                case "type": _type = Text(Fields.None); break;
                case "stream": _message.Stream = Text(Fields.Stream); break;
                case "index": _message.Index = Integer(Fields.Index); break;
                case "segment": _message.Segment = Integer(Fields.Segment); break;
                case "pts_s": _message.PtsSeconds = Number(Fields.Pts); break;
                case "server": _message.Server = Text(Fields.Server); break;
                case "max_streams": _message.MaxStreams = Integer(Fields.MaxStreams); break;
                case "max_message_bytes":
                    _message.MaxMessageBytes = Integer(Fields.MaxMessageBytes);
                    break;
                case "timeout_s": _message.TimeoutSeconds = Number(Fields.Timeout); break;
                case "bones": _message.Bones = Names(Fields.Bones); break;
                case "blendshapes": _message.Blendshapes = Names(Fields.Blendshapes); break;
                case "url": _message.Url = Text(Fields.Url); break;
                case "duration_s": _message.DurationSeconds = Number(Fields.Duration); break;
                case "number": _message.Number = Integer(Fields.Number); break;
                case "frames": _message.Frames = Integer(Fields.Frames); break;
                case "audio_s": _message.AudioSeconds = Number(Fields.Audio); break;
                case "underruns": _message.Underruns = Integer(Fields.Underruns); break;
                case "late_s": _message.LateSeconds = Number(Fields.Late); break;
                case "skipped": _message.Skipped = Integer(Fields.Skipped); break;
                case "fps": _message.Fps = Integer(Fields.Fps); break;
                case "code": _message.Code = Text(Fields.Code); break;
                case "reason": _message.Reason = Text(Fields.Reason); break;
                default:
                    _isStrange = true;
                    _record.Skip();
                    break;
            }
        }

        string Text(Fields field)
        {
            _seen |= field;
            return Is(MsgPackKind.String) ? _record.String() : "";
        }

        long Integer(Fields field)
        {
            _seen |= field;
            long value = Is(MsgPackKind.Integer) ? _record.Integer() : 0;
            long most = field == Fields.Segment ? int.MaxValue : uint.MaxValue;
            _isWrong |= value < 0 || value > most;
            return value;
        }

        double Number(Fields field)
        {
            _seen |= field;
            if (_record.Peek() == MsgPackKind.Integer)
            {
                return _record.Integer();
            }
            double value = Is(MsgPackKind.Float) ? _record.Float() : 0;
            _isWrong |= double.IsNaN(value) || double.IsInfinity(value);
            return value;
        }

        List<string> Names(Fields field)
        {
            _seen |= field;
            List<string> names = Is(MsgPackKind.Array) ? _record.Strings() : null;
            _isWrong |= names == null;
            return names;
        }

        /// <summary>Whether the next value is of a kind; passes over it if not.</summary>
        bool Is(MsgPackKind kind)
        {
            if (_record.Peek() == kind)
            {
                return true;
            }
            _isWrong = true;
            _record.Skip();
            return false;
        }

        /// <summary>What is wrong with the record; null if nothing is.</summary>
        string Judge()
        {
            Rule rule;
            if (_type == null || !_rules.TryGetValue(_type, out rule))
            {
                return "type";
            }
            _message.Kind = rule.Kind;
            bool isWhole = (_seen & rule.Needed) == rule.Needed &&
                (_seen & ~(rule.Needed | rule.Optional)) == Fields.None;
            return _isStrange || !isWhole ? "field" : _isWrong ? "value" : null;
        }

        string Payload(byte[] bytes, int offset, int count)
        {
            bool isFrame = _message.Kind == MessageKind.Frame;
            if (count != (isFrame ? sizeof(float) * Pose.NumValues : 0))
            {
                return "payload";
            }
            if (!isFrame)
            {
                return null;
            }
            Frame frame = _frames.Rent();
            frame.Stream = _message.Stream;
            frame.Index = _message.Index;
            frame.Segment = (int)_message.Segment;
            frame.PtsSeconds = _message.PtsSeconds;
            // Little endian, as all machines are that Unity runs on.
            Buffer.BlockCopy(bytes, offset, frame.Values, 0, count);
            if (!IsFinite(frame.Values))
            {
                _frames.Return(frame);
                return "payload";
            }
            _message.Frame = frame;
            return null;
        }

        static bool IsFinite(float[] values)
        {
            float sum = 0;
            for (int n = 0; n < values.Length; n++)
            {
                sum += values[n] * 0; // 0, or not a number where the value is infinite or none
            }
            return sum == 0;
        }
    }
}
