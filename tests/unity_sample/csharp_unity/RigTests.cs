using System;
using System.Collections.Generic;
using UnityEngine;

namespace Umo.Tests
{
    /// <summary>Models of all sorts, turned by golden poses.</summary>
    static class RigTests
    {
        static readonly float _half = (float)Math.Sqrt(0.5);
        static readonly List<string> _order = new List<string>();

        static RigTests()
        {
            foreach (HumanoidBone bone in Humanoid.Bones)
            {
                _order.Insert(_order.Count / 3, bone.Name);
            }
        }

        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["a_humanoid_in_a_pose"] = _ => Humanoids();
            tests["a_rig_by_names"] = _ => ByNames();
            tests["upper_body_only"] = _ => Upper();
            tests["a_model_without_bones"] = _ => NoBones();
        }

        static Pose LeftArmUpHeadRight()
        {
            var pose = new Pose();
            Set(pose, "LeftUpperArm", 0, 0, _half, _half);
            Set(pose, "Head", 0, -_half, 0, _half);
            pose.Values[Pose.HipsAt] = 0.1f;
            pose.Values[Pose.HipsAt + 1] = 0.93f;
            return pose;
        }

        static void Set(Pose pose, string bone, float x, float y, float z, float w)
        {
            new[] { x, y, z, w }.CopyTo(pose.Values, 4 * _order.IndexOf(bone));
        }

        static AvatarRig Rig(Puppet puppet)
        {
            var rest = new RestNodes();
            rest.Remember(puppet.Root.transform);
            return new AvatarRig(puppet.Root.transform, rest);
        }

        static void CheckPose(Puppet puppet, float scale)
        {
            Transform root = puppet.Root.transform;
            Func<string, Vector3> at = bone => root.InverseTransformPoint(puppet.Bones[bone].position);
            Near(new Vector3(0, 0.52f * scale, 0), at("LeftHand") - at("LeftUpperArm"), "left hand above its shoulder");
            Check.True(at("LeftUpperArm").x < at("RightUpperArm").x, "its left is -x");
            Near(new Vector3(0.52f * scale, 0, 0), at("RightHand") - at("RightUpperArm"), "right hand aside");
            Near(new Vector3(0.16f * scale, 0.14f * scale, 0), at("LeftEye") + at("RightEye") - 2 * at("Head"), "the face looks to its right");
            Near(new Vector3(-0.1f * scale, 0.93f * scale, 0), at("Hips"), "hips in proportion");
        }

        static void Near(Vector3 expected, Vector3 actual, string what)
        {
            Check.True((expected - actual).magnitude < 1e-3, what + ": expected " + expected + ", got " + actual);
        }

        /// <summary>It stands in an A-pose, scaled, turned, elsewhere; its avatar asset knows better.
        /// </summary>
        static void Humanoids()
        {
            var puppet = new Puppet("vrm", name => "J_" + name, 0.7f);
            puppet.MakeHumanoid();
            var world = new GameObject("world").transform;
            world.localPosition = new Vector3(3, 1, -2);
            world.localRotation = Quaternion.AngleAxis(130, new Vector3(0.2f, 1, 0));
            puppet.Root.transform.SetParent(world, false);
            puppet.Root.transform.localScale = new Vector3(2, 2, 2);
            AvatarRig rig = Rig(puppet);
            Check.Equal("55 of 55 bones found", rig.Report(), "report");
            rig.Bind(_order, UmoBody.Whole);
            rig.Apply(LeftArmUpHeadRight());
            CheckPose(puppet, 0.7f);
        }

        static void ByNames()
        {
            var puppet = new Puppet("mixamo", Mixamo);
            puppet.HangArms();
            AvatarRig rig = Rig(puppet);
            Check.Equal("55 of 55 bones found", rig.Report(), "report");
            rig.Bind(_order, UmoBody.Whole);
            rig.Apply(LeftArmUpHeadRight());
            CheckPose(puppet, 1);
        }

        /// <summary>Mixamo's name of a bone.</summary>
        public static string Mixamo(string bone)
        {
            string name = bone.Replace("UpperLeg", "UpLeg").Replace("LowerLeg", "Leg").Replace("LowerArm", "ForeArm");
            name = name.Replace("UpperArm", "Arm").Replace("UpperChest", "Spine2").Replace("Toes", "ToeBase");
            name = (name == "Chest" ? "Spine1" : name).Replace("Proximal", "1").Replace("Intermediate", "2").Replace("Distal", "3");
            bool isFinger = char.IsDigit(name[name.Length - 1]) && !name.StartsWith("Spine", StringComparison.Ordinal);
            name = isFinger ? name.Replace("Left", "LeftHand").Replace("Right", "RightHand").Replace("Little", "Pinky") : name;
            return "mixamorig:" + name;
        }

        static void Upper()
        {
            var puppet = new Puppet("npc", name => name);
            AvatarRig rig = Rig(puppet);
            Vector3 hips = puppet.Bones["Hips"].position;
            Quaternion leg = puppet.Bones["LeftUpperLeg"].localRotation, head = puppet.Bones["Head"].localRotation;
            rig.Bind(_order, UmoBody.Upper);
            Pose pose = LeftArmUpHeadRight();
            Set(pose, "LeftUpperLeg", _half, 0, 0, _half);
            rig.Apply(pose);
            Near(hips, puppet.Bones["Hips"].position, "hips");
            Check.Equal(leg, puppet.Bones["LeftUpperLeg"].localRotation, "leg");
            Check.True(!head.Equals(puppet.Bones["Head"].localRotation), "the head moves");
        }

        static void NoBones()
        {
            var rest = new RestNodes();
            var root = new GameObject("stone");
            rest.Remember(root.transform);
            var rig = new AvatarRig(root.transform, rest);
            Check.True(rig.Report().StartsWith("0 of 55 bones found\nnot found: Hips, Spine"), rig.Report());
            rig.Bind(_order, UmoBody.Whole);
            rig.Apply(LeftArmUpHeadRight());
        }
    }
}
