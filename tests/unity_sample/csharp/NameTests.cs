using System;
using System.Collections.Generic;
using System.Globalization;

namespace Umo.Tests
{
    /// <summary>Names of bones and blendshapes as models have them.</summary>
    static class NameTests
    {
        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["bone_names"] = _ => Bones();
            tests["blendshape_names"] = _ => Blendshapes();
            tests["blendshape_profiles"] = _ => Profiles();
            tests["a_face_without_arkit"] = _ => Presets();
            tests["golden_presets"] = GoldenPresets;
            tests["arkit_order"] = a => Check.Equal(string.Join(" ", a, 1, a.Length - 1), string.Join(" ", ArkitBlendshapes.Names), "names");
        }

        static void Bones()
        {
            var known = new Dictionary<string, string>
            {
                ["mixamorig:LeftArm"] = "LeftUpperArm", ["mixamorig1:RightForeArm"] = "RightLowerArm",
                ["mixamorigLeftHandPinky2"] = "LeftLittleIntermediate", ["mixamorig:Spine2"] = "UpperChest",
                ["LeftUpLeg"] = "LeftUpperLeg", ["LeftLeg"] = "LeftLowerLeg", ["RightToeBase"] = "RightToes",
                ["Hips"] = "Hips", ["Spine1"] = "Chest", ["LeftEye"] = "LeftEye", ["RightHandThumb1"] = "RightThumbProximal",
                ["J_Bip_C_Hips"] = "Hips", ["J_Bip_L_UpperArm"] = "LeftUpperArm", ["J_Bip_R_Little3"] = "RightLittleDistal",
                ["J_Adj_L_FaceEye"] = "LeftEye", ["J_Bip_C_UpperChest"] = "UpperChest",
                ["Bip001 R Forearm"] = "RightLowerArm", ["Bip001 L Thigh"] = "LeftUpperLeg", ["Bip001 Pelvis"] = "Hips",
                ["upperarm_l"] = "LeftUpperArm", ["spine_03"] = "UpperChest", ["index_02_r"] = "RightIndexIntermediate",
                ["ball_l"] = "LeftToes", ["hand.R"] = "RightHand", ["LeftUpperArm"] = "LeftUpperArm",
                ["RightIndexProximal"] = "RightIndexProximal", ["Jaw"] = "Jaw",
            };
            foreach (KeyValuePair<string, string> each in known)
            {
                Check.Equal(each.Value, BoneNames.Find(each.Key), each.Key);
            }
            foreach (HumanoidBone bone in Humanoid.Bones)
            {
                Check.Equal(bone.Name, BoneNames.Find(bone.Name), "ours");
            }
            foreach (string other in new[] { "", ":", "Armature", "LeftHandThumb4", "HeadTop_End", "J_Sec_Hair1_01", "Left", "Skirt_L" })
            {
                Check.Equal(null, BoneNames.Find(other), other);
            }
        }

        static void Blendshapes()
        {
            var names = new BlendshapeNames(ArkitBlendshapes.Names);
            var known = new Dictionary<string, string>
            {
                ["JawOpen"] = "jawOpen", ["jaw_open"] = "jawOpen", ["Face.M_F00_JawOpen"] = "jawOpen",
                ["blendShape1.mouthSmileLeft"] = "mouthSmileLeft", ["mouthSmile_L"] = "mouthSmileLeft",
                ["Mouth_Smile_R"] = "mouthSmileRight", ["browDownL"] = "browDownLeft", ["EYEBLINKLEFT"] = "eyeBlinkLeft",
                ["A14_Eye_Blink_Left"] = "eyeBlinkLeft", ["mouth_L"] = "mouthLeft", ["ns:head_mouthPucker"] = "mouthPucker",
                ["eyeLookIn_r"] = "eyeLookInRight", ["tongueOut"] = "tongueOut",
            };
            foreach (KeyValuePair<string, string> each in known)
            {
                int place = names.Find(each.Key);
                Check.True(place >= 0 && place < 52, each.Key);
                Check.Equal(each.Value, ArkitBlendshapes.Names[place], each.Key);
            }
            foreach (string other in new[] { "", "_", "lowerMouthLeft", "mouthOpening", "Fcl_MTH_Close", "Fcl_MTH_Joy", "L" })
            {
                Check.Equal(-1, names.Find(other), other);
            }
            foreach (string vowel in new[] { "Fcl_MTH_A", "aa", "viseme_aa", "vrc.v_aa", "A", "あ" })
            {
                Check.Equal(52, names.Find(vowel), vowel);
            }
        }

        /// <summary>Every way to write all 52.</summary>
        static void Profiles()
        {
            var ways = new Func<string, string>[]
            {
                name => name, name => char.ToUpperInvariant(name[0]) + name.Substring(1), name => name.ToLowerInvariant(),
                name => "head_geo." + name, name => Sided(name, "_L", "_R"), name => Sided(name, "L", "R"),
                name => "Face.M_F00_" + Sided(name, "_L", "_R"),
            };
            foreach (Func<string, string> way in ways)
            {
                var shapes = new List<string>();
                foreach (string name in ArkitBlendshapes.Names)
                {
                    shapes.Add(way(name));
                }
                shapes.Reverse();
                shapes.Add("Hat_Size");
                var map = new FaceMap(ArkitBlendshapes.Names);
                int[] places = map.Add(shapes);
                for (int n = 0; n < 52; n++)
                {
                    Check.Equal(51 - n, places[n], shapes[n]);
                }
                Check.Equal(-1, places[52], "another shape");
                Check.Equal("52 of 52 ARKit blendshapes found\nof the meshes, not used: Hat_Size", map.Report(), "report");
            }
        }

        static string Sided(string name, string left, string right)
        {
            return name.EndsWith("Left", StringComparison.Ordinal) ? name.Substring(0, name.Length - 4) + left
                : name.EndsWith("Right", StringComparison.Ordinal) ? name.Substring(0, name.Length - 5) + right : name;
        }

        static void Presets()
        {
            var map = new FaceMap(ArkitBlendshapes.Names);
            int[] places = map.Add(new[] { "Fcl_MTH_A", "Fcl_EYE_Close", "Fcl_EYE_Close_L", "Fcl_EYE_Close_R", "Fcl_MTH_A" });
            Check.Equal("52 62 57 58 -1", string.Join(" ", places), "of two that show the same, the first");
            string report = map.Report();
            Check.Equal("0 of 52 ARKit blendshapes found\npresets in use: A, Blink_L, Blink_R\nof the meshes, not used: Fcl_MTH_A", report, "report");
            var pose = new Pose();
            pose.Values[Pose.BlendshapesAt + 17] = 0.5f; // jawOpen
            pose.Values[Pose.BlendshapesAt] = 0.8f; // eyeBlinkLeft
            map.Weigh(pose);
            Check.Near(0.9, map.Weight(52), 1e-6, "A");
            Check.Near(0.8, map.Weight(57), 1e-6, "one eye");
            Check.Near(0, map.Weight(62), 1e-6, "no eye is shut twice");
            map.Add(new[] { "jawOpen" });
            map.Weigh(pose);
            Check.Near(0, map.Weight(52), 1e-6, "no mouth is opened twice");
            Check.Near(0.5, map.Weight(17), 1e-6, "jawOpen");
        }

        /// <summary>Arguments: 52 blendshapes and 10 presets, and so on.</summary>
        static void GoldenPresets(string[] arguments)
        {
            Check.True(arguments.Length > 62, "there are faces");
            var presets = new VrmPresets(ArkitBlendshapes.Names);
            var weights = new float[VrmPresets.Names.Count];
            for (int at = 1; at < arguments.Length; at += 62)
            {
                var pose = new Pose();
                for (int n = 0; n < 52; n++)
                {
                    pose.Values[Pose.BlendshapesAt + n] = float.Parse(arguments[at + n], CultureInfo.InvariantCulture);
                }
                presets.Weigh(pose, weights, 0);
                for (int n = 0; n < 10; n++)
                {
                    Check.Near(float.Parse(arguments[at + 52 + n], CultureInfo.InvariantCulture), weights[n], 1e-5, VrmPresets.Names[n]);
                }
            }
        }
    }
}
