using System;
using System.Collections.Generic;

namespace Umo
{
    /// <summary>Which of our bones a node of a model is, by its name.</summary>
    /// <remarks>Knows the names of Unity, Mixamo, Ready Player Me, VRoid Studio, 3ds Max Biped and the
    /// Unreal mannequin, with their prefixes, in any case.</remarks>
    public static class BoneNames
    {
        static readonly char[] _separators = { '_', ' ', '.', '-' };
        static readonly Dictionary<string, string> _centre = new Dictionary<string, string>
        {
            ["hips"] = "Hips", ["pelvis"] = "Hips",
            ["spine"] = "Spine", ["spine01"] = "Spine",
            ["chest"] = "Chest", ["spine1"] = "Chest", ["spine02"] = "Chest",
            ["upperchest"] = "UpperChest", ["spine2"] = "UpperChest", ["spine03"] = "UpperChest",
            ["neck"] = "Neck", ["neck01"] = "Neck", ["head"] = "Head", ["jaw"] = "Jaw",
        };
        static readonly Dictionary<string, string> _sided = Sided();

        /// <summary>A name of <see cref="Humanoid"/>, or null.</summary>
        public static string Find(string node)
        {
            string side, rest = Split(node, out side), bone;
            if (side.Length == 0)
            {
                return _centre.TryGetValue(rest, out bone) ? bone : null;
            }
            return _sided.TryGetValue(rest, out bone) ? side + bone : null;
        }

        static Dictionary<string, string> Sided()
        {
            var names = new Dictionary<string, string>
            {
                ["shoulder"] = "Shoulder", ["clavicle"] = "Shoulder",
                ["upperarm"] = "UpperArm", ["arm"] = "UpperArm",
                ["lowerarm"] = "LowerArm", ["forearm"] = "LowerArm", ["hand"] = "Hand",
                ["upperleg"] = "UpperLeg", ["upleg"] = "UpperLeg", ["thigh"] = "UpperLeg",
                ["lowerleg"] = "LowerLeg", ["leg"] = "LowerLeg", ["calf"] = "LowerLeg", ["shin"] = "LowerLeg",
                ["foot"] = "Foot", ["toes"] = "Toes", ["toebase"] = "Toes", ["ball"] = "Toes",
                ["eye"] = "Eye", ["faceeye"] = "Eye",
            };
            string[] phalanges = { "Proximal", "Intermediate", "Distal" };
            foreach (string finger in new[] { "Thumb", "Index", "Middle", "Ring", "Little", "Pinky" })
            {
                string name = finger.ToLowerInvariant(), ours = finger == "Pinky" ? "Little" : finger;
                for (int n = 0; n < phalanges.Length; n++)
                {
                    names[name + phalanges[n].ToLowerInvariant()] = ours + phalanges[n];
                    names[name + (n + 1)] = ours + phalanges[n];
                    names[name + "0" + (n + 1)] = ours + phalanges[n];
                    names["hand" + name + (n + 1)] = ours + phalanges[n];
                }
            }
            return names;
        }

        /// <summary>The side, "Left", "Right" or "", and the rest in small letters.</summary>
        static string Split(string node, out string side)
        {
            side = "";
            string rest = "";
            foreach (string word in Bare(node).Split(_separators, StringSplitOptions.RemoveEmptyEntries))
            {
                string small = word.ToLowerInvariant();
                string its = Side(ref small);
                side = side.Length == 0 ? its : side;
                rest += IsPrefix(small) ? "" : small;
            }
            return rest;
        }

        /// <summary>Without a name space and Mixamo's prefix.</summary>
        static string Bare(string node)
        {
            node = node.Substring(node.LastIndexOf(':') + 1);
            const string mixamo = "mixamorig";
            return node.StartsWith(mixamo, StringComparison.OrdinalIgnoreCase)
                ? node.Substring(mixamo.Length).TrimStart("0123456789".ToCharArray()) : node;
        }

        static string Side(ref string word)
        {
            foreach (string side in new[] { "Left", "Right" })
            {
                string small = side.ToLowerInvariant();
                bool isLetter = word == small.Substring(0, 1);
                if (isLetter || word.StartsWith(small, StringComparison.Ordinal))
                {
                    word = isLetter ? "" : word.Substring(small.Length);
                    return side;
                }
            }
            return "";
        }

        static bool IsPrefix(string word)
        {
            return word == "j" || word == "c" || word == "adj" || word == "def" || word.StartsWith("bip", StringComparison.Ordinal);
        }
    }
}
