using System;
using System.Collections.Generic;

namespace Umo
{
    /// <summary>Which blendshapes of a model's meshes show which expressions of a pose.</summary>
    /// <remarks>Presets serve where the model has no ARKit shape for it: vowels and moods without
    /// jawOpen, blinks without eyeBlink.</remarks>
    public sealed class FaceMap
    {
        const int _blinkLeft = 5, _blinkRight = 6, _blink = 10; // of VrmPresets.Names
        readonly IReadOnlyList<string> _blendshapes;
        readonly BlendshapeNames _names;
        readonly VrmPresets _presets;
        readonly bool[] _isFound;
        readonly bool[] _isNeeded = new bool[VrmPresets.Names.Count];
        readonly float[] _weights;
        readonly List<string> _unused = new List<string>();

        /// <param name="blendshapes">ARKit's names, in the order of a pose.</param>
        public FaceMap(IReadOnlyList<string> blendshapes)
        {
            _blendshapes = blendshapes;
            _names = new BlendshapeNames(blendshapes);
            _presets = new VrmPresets(blendshapes);
            _isFound = new bool[blendshapes.Count + VrmPresets.Names.Count];
            _weights = new float[_isFound.Length];
        }

        /// <summary>How many of ARKit's are there.</summary>
        public int NumFound
        {
            get
            {
                int found = 0;
                for (int n = 0; n < _blendshapes.Count; n++)
                {
                    found += _isFound[n] ? 1 : 0;
                }
                return found;
            }
        }

        /// <summary>Take in a mesh.</summary>
        /// <param name="shapes">Names of its blendshapes.</param>
        /// <returns>What each shows, for <see cref="Weight"/>; -1: nothing. Of two that would show the
        /// same, the second shows nothing.</returns>
        public int[] Add(IReadOnlyList<string> shapes)
        {
            var places = new int[shapes.Count];
            for (int n = 0; n < places.Length; n++)
            {
                int place = _names.Find(shapes[n]);
                places[n] = place >= 0 && Array.IndexOf(places, place, 0, n) < 0 ? place : -1;
                if (places[n] >= 0)
                {
                    _isFound[place] = true;
                }
                else
                {
                    _unused.Add(shapes[n]);
                }
            }
            for (int preset = 0; preset < _isNeeded.Length; preset++)
            {
                _isNeeded[preset] = IsNeeded(preset);
            }
            return places;
        }

        /// <summary>Take the weights of a pose.</summary>
        public void Weigh(Pose pose)
        {
            for (int n = 0; n < _blendshapes.Count; n++)
            {
                _weights[n] = pose.Blendshape(n);
            }
            _presets.Weigh(pose, _weights, _blendshapes.Count);
            for (int preset = 0; preset < VrmPresets.Names.Count; preset++)
            {
                _weights[_blendshapes.Count + preset] *= _isNeeded[preset] ? 1 : 0;
            }
        }

        /// <summary>Weight of an expression, 0 to 1, after <see cref="Weigh"/>.</summary>
        public float Weight(int expression)
        {
            return _weights[expression];
        }

        /// <summary>What was found and what was not, a line each, for people.</summary>
        public string Report()
        {
            var lines = new List<string>
            {
                NumFound + " of " + _blendshapes.Count + " ARKit blendshapes found",
            };
            AddList(lines, "presets in use: ", UsedPresets());
            AddList(lines, "not found: ", NumFound == 0 ? new List<string>() : Missing());
            AddList(lines, "of the meshes, not used: ", _unused);
            return string.Join("\n", lines.ToArray());
        }

        static void AddList(List<string> lines, string title, List<string> names)
        {
            if (names.Count > 0)
            {
                lines.Add(title + string.Join(", ", names.ToArray()));
            }
        }

        List<string> Missing()
        {
            var missing = new List<string>();
            for (int n = 0; n < _blendshapes.Count; n++)
            {
                if (!_isFound[n])
                {
                    missing.Add(_blendshapes[n]);
                }
            }
            return missing;
        }

        List<string> UsedPresets()
        {
            var used = new List<string>();
            for (int preset = 0; preset < VrmPresets.Names.Count; preset++)
            {
                if (_isFound[_blendshapes.Count + preset] && _isNeeded[preset])
                {
                    used.Add(VrmPresets.Names[preset]);
                }
            }
            return used;
        }

        bool IsNeeded(int preset)
        {
            bool hasSides = _isFound[_blendshapes.Count + _blinkLeft] && _isFound[_blendshapes.Count + _blinkRight];
            switch (preset)
            {
                case _blinkLeft: return !Has("eyeBlinkLeft");
                case _blinkRight: return !Has("eyeBlinkRight");
                case _blink: return !Has("eyeBlinkLeft") && !Has("eyeBlinkRight") && !hasSides;
                default: return !Has("jawOpen");
            }
        }

        bool Has(string blendshape)
        {
            for (int n = 0; n < _blendshapes.Count; n++)
            {
                if (_blendshapes[n] == blendshape)
                {
                    return _isFound[n];
                }
            }
            return false;
        }
    }
}
