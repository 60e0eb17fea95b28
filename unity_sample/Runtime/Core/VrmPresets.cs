using System;
using System.Collections.Generic;

namespace Umo
{
    /// <summary>Preset expressions from the ARKit blendshapes, for models that have only those.
    /// </summary>
    /// <remarks>As engine_bridge/vrm_presets.py: vowels share the mouth by how open, round and spread
    /// it is, never exceed 1 together, and are 0 while lips touch; emotions reach half.</remarks>
    public sealed class VrmPresets
    {
        /// <summary>By the names of VRM 0.x; Blink is both eyes.</summary>
        public static IReadOnlyList<string> Names => _presets;

        static readonly string[] _presets =
        {
            "A", "E", "O", "I", "U", "Blink_L", "Blink_R", "Joy", "Angry", "Sorrow", "Blink",
        };
        static readonly string[] _sources =
        {
            "jawOpen", "mouthClose", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft",
            "mouthUpperUpRight", "mouthFunnel", "mouthPucker", "mouthStretchLeft", "mouthStretchRight",
            "eyeBlinkLeft", "eyeBlinkRight", "cheekSquintLeft", "cheekSquintRight", "browDownLeft",
            "browDownRight", "browInnerUp", "mouthFrownLeft", "mouthFrownRight",
        };
        readonly int[] _places = new int[_sources.Length]; // in a pose; -1: it has none
        readonly float[] _values = new float[_sources.Length];

        /// <param name="blendshapes">Names of the blendshapes in a pose.</param>
        public VrmPresets(IReadOnlyList<string> blendshapes)
        {
            for (int n = 0; n < _places.Length; n++)
            {
                _places[n] = -1;
                for (int place = 0; place < blendshapes.Count; place++)
                {
                    _places[n] = blendshapes[place] == _sources[n] ? place : _places[n];
                }
            }
        }

        /// <summary>Write the weights, 0 to 1, in the order of <see cref="Names"/>.</summary>
        /// <param name="pose">Whose face.</param>
        /// <param name="weights">Gets them.</param>
        /// <param name="at">From here on.</param>
        public void Weigh(Pose pose, float[] weights, int at)
        {
            for (int n = 0; n < _places.Length; n++)
            {
                _values[n] = _places[n] < 0 ? 0 : pose.Blendshape(_places[n]);
            }
            float parted = _values[0] - _values[1];
            float open = Clamp(1.8f * parted, 1);
            float apart = Clamp(8 * (parted + Mean(2) + Mean(4)), 1);
            float round = Clamp(1.25f * (_values[6] + _values[7]), 1);
            float spread = Clamp(3.3f * Mean(8), 1);
            float rounded = apart * round, wide = (apart - rounded) * spread;
            weights[at] = open * (apart - rounded - wide);
            weights[at + 1] = open * wide;
            weights[at + 2] = open * rounded;
            weights[at + 3] = wide - weights[at + 1];
            weights[at + 4] = rounded - weights[at + 2];
            weights[at + 5] = Clamp(_values[10], 1);
            weights[at + 6] = Clamp(_values[11], 1);
            weights[at + 7] = Clamp(0.7f * Mean(12) - 0.075f, 0.5f);
            weights[at + 8] = Clamp(0.6f * Mean(14) - 0.25f * _values[16] - 0.05f, 0.5f);
            weights[at + 9] = Clamp(0.9f * Mean(17) - 0.05f, 0.5f);
            weights[at + 10] = (weights[at + 5] + weights[at + 6]) / 2;
        }

        /// <summary>Of a left one and the right one behind it.</summary>
        float Mean(int left)
        {
            return (_values[left] + _values[left + 1]) / 2;
        }

        static float Clamp(float value, float most)
        {
            return Math.Max(0, Math.Min(most, value));
        }
    }
}
