using System.Collections.Generic;

namespace Umo
{
    /// <summary>Which expression a blendshape of a mesh is, by its name.</summary>
    /// <remarks>
    /// ARKit's names in any case and with or without underscores, sides as Left/Right or L/R at the
    /// end, behind any prefix that ends in a sign ("blendShape1.", "Face.M_F00_"). Presets by the
    /// names of VRM, VRoid Studio, Oculus visemes, VRChat and MikuMikuDance.
    /// </remarks>
    public sealed class BlendshapeNames
    {
        static readonly string[][] _aliases = // of VrmPresets.Names
        {
            new[] { "a", "aa", "あ", "mouthopen" },
            new[] { "e", "ee", "eh", "え" },
            new[] { "o", "oh", "お" },
            new[] { "i", "ih", "い" },
            new[] { "u", "ou", "う" },
            new[] { "blinkleft", "eyecloseleft", "ウィンク" },
            new[] { "blinkright", "eyecloseright", "ウィンク右" },
            new[] { "alljoy", "mouthsmile" },
            new[] { "allangry" },
            new[] { "allsorrow" },
            new[] { "blink", "eyeclose", "eyesclosed", "まばたき" },
        };
        readonly Dictionary<string, int> _places = new Dictionary<string, int>();
        readonly Dictionary<string, int> _presets = new Dictionary<string, int>();

        /// <param name="blendshapes">ARKit's names, in the order of a pose.</param>
        public BlendshapeNames(IReadOnlyList<string> blendshapes)
        {
            for (int n = 0; n < blendshapes.Count; n++)
            {
                _places[Key(blendshapes[n])] = n;
            }
            for (int preset = 0; preset < _aliases.Length; preset++)
            {
                foreach (string alias in _aliases[preset])
                {
                    _presets[alias] = blendshapes.Count + preset;
                }
            }
        }

        /// <summary>The place of its expression: of ARKit's, then of <see cref="VrmPresets.Names"/>; -1
        /// if it is none.</summary>
        public int Find(string shape)
        {
            int place = FindIn(_places, shape);
            return place >= 0 ? place : FindIn(_presets, shape);
        }

        static int FindIn(Dictionary<string, int> places, string shape)
        {
            for (int start = 0; start < shape.Length; start++)
            {
                int place;
                bool isWord = start == 0 || (!char.IsLetterOrDigit(shape[start - 1])
                    && char.IsLetterOrDigit(shape[start]));
                if (isWord && places.TryGetValue(Key(shape.Substring(start)), out place))
                {
                    return place;
                }
            }
            return -1;
        }

        /// <summary>Without signs and capitals, its side written out.</summary>
        static string Key(string name)
        {
            int last = name.Length - 1;
            char end = last > 0 ? name[last] : ' ';
            bool isSide = (end == 'L' || end == 'R') && !char.IsUpper(name[last - 1]);
            isSide |= (end == 'l' || end == 'r') && !char.IsLetterOrDigit(name[last - 1]);
            string key = "";
            for (int n = 0; n <= (isSide ? last - 1 : last); n++)
            {
                key += char.IsLetterOrDigit(name[n]) ? char.ToLowerInvariant(name[n]).ToString() : "";
            }
            return !isSide ? key : key + (char.ToLowerInvariant(end) == 'l' ? "left" : "right");
        }
    }
}
