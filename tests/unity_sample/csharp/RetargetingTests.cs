using System;
using System.Collections.Generic;
using System.Globalization;

namespace Umo.Tests
{
    /// <summary>Models with bones that rest at any rotation must stand as the server's skeleton does.
    /// </summary>
    static class RetargetingTests
    {
        static readonly float _half = (float)Math.Sqrt(0.5);

        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["humanoid"] = Skeleton;
            tests["rotations"] = _ => Rotations();
            tests["left_arm_up_head_right"] = _ => LeftArmUpHeadRight();
            tests["any_model_stands_as_ours"] = _ => AnyModel();
            tests["missing_bones_hand_on"] = _ => MissingBones();
            tests["hips_move_in_proportion"] = _ => Hips();
            tests["hanging_arms_are_straightened"] = _ => Straightened();
        }

        /// <summary>Arguments: name, parent and offset of every bone of umo_runtime/skeleton.py.</summary>
        static void Skeleton(string[] arguments)
        {
            Check.Equal(1 + 5 * Humanoid.Bones.Count, arguments.Length, "arguments");
            var ours = new Dictionary<string, HumanoidBone>();
            foreach (HumanoidBone bone in Humanoid.Bones)
            {
                ours[bone.Name] = bone;
            }
            for (int at = 1; at < arguments.Length; at += 5)
            {
                HumanoidBone bone = ours[arguments[at]];
                Check.Equal(arguments[at + 1], bone.Parent.Length == 0 ? "-" : bone.Parent, bone.Name);
                var offset = new[] { bone.Offset.X, bone.Offset.Y, bone.Offset.Z };
                for (int axis = 0; axis < 3; axis++)
                {
                    Check.Near(float.Parse(arguments[at + 2 + axis], CultureInfo.InvariantCulture), offset[axis], 1e-6, bone.Name);
                }
            }
        }

        static void Rotations()
        {
            var random = new System.Random(3);
            for (int n = 0; n < 200; n++)
            {
                Position from = Way(random), to = Way(random);
                Near(Unit(to), Rotation.Between(from, to) * Unit(from), "between");
                Near(Unit(new Position(-from.X, -from.Y, -from.Z)), Rotation.Between(from, -1 * from) * Unit(from), "opposite");
                Rotation turn = Turn(random), other = Turn(random);
                Near(turn * (other * from), (turn * other) * from, "product");
                Near(from, turn.Inverse * (turn * from), "inverse");
            }
            Near(new Position(0, 1, 0), new Rotation(0, 0, _half, _half) * new Position(1, 0, 0), "x to y");
        }

        /// <summary>In Unity the character's left is -x and it faces +z.</summary>
        static void LeftArmUpHeadRight()
        {
            for (int seed = 0; seed < 20; seed++)
            {
                var model = new Model(seed);
                var pose = new Pose();
                model.Set(pose, "LeftUpperArm", new Rotation(0, 0, _half, _half)); // x to y: up
                model.Set(pose, "Head", new Rotation(0, -_half, 0, _half)); // about y, z to -x: right
                model.Apply(pose);
                Position shoulder = model.Place("LeftUpperArm"), hand = model.Place("LeftHand");
                Near(new Position(0, 0.52f, 0), hand - shoulder, "left hand above its shoulder");
                Check.True(shoulder.X < -0.1, "left is -x");
                Near(new Position(0.52f, 0, 0), model.Place("RightHand") - model.Place("RightUpperArm"), "right hand aside");
                Position eyes = model.Place("LeftEye") + model.Place("RightEye") - 2 * model.Place("Head");
                Near(new Position(0.16f, 0.14f, 0), eyes, "the face looks to +x, its right");
            }
        }

        static void AnyModel()
        {
            for (int seed = 0; seed < 20; seed++)
            {
                var model = new Model(seed);
                Pose pose = AnyPose(seed);
                model.Apply(pose);
                Dictionary<string, Position> ours = OurPlaces(pose, model.Order);
                foreach (HumanoidBone bone in Humanoid.Bones)
                {
                    Near(ours[bone.Name], model.Place(bone.Name), bone.Name);
                }
            }
        }

        /// <summary>Without a chest, neck and shoulders, head and arms turn as with them.</summary>
        static void MissingBones()
        {
            var whole = new Model(1);
            var poor = new Model(1, "Chest", "UpperChest", "Neck", "LeftShoulder", "RightShoulder", "Jaw");
            Pose pose = AnyPose(4);
            whole.Apply(pose);
            poor.Apply(pose);
            foreach (string bone in new[] { "Head", "LeftUpperArm", "RightHand", "LeftIndexDistal", "RightFoot" })
            {
                for (int axis = 0; axis < 3; axis++)
                {
                    var way = new Position(axis == 0 ? 1 : 0, axis == 1 ? 1 : 0, axis == 2 ? 1 : 0);
                    Near(whole.Turned(bone) * way, poor.Turned(bone) * way, bone);
                }
            }
        }

        static void Hips()
        {
            var pose = new Pose();
            pose.Values[Pose.HipsAt] = 0.1f;
            pose.Values[Pose.HipsAt + 1] = 0.83f;
            pose.Values[Pose.HipsAt + 2] = 0.2f;
            var rest = new RestPose();
            rest.Add("Hips", Rotation.Identity, Rotation.Identity, new Position(0.01f, 0.465f, -0.02f));
            Near(new Position(-0.04f, 0.415f, 0.08f), new Retargeting(rest, Model.Names).Hips(pose), "half as high");
            Check.Equal(14, rest.Missing.Count, "missing");
        }

        /// <summary>An A-pose of which the T-pose is known.</summary>
        static void Straightened()
        {
            foreach (int seed in new[] { 2, 3, 4 })
            {
                var model = new Model(seed);
                model.Lower("LeftUpperArm", Rotation.Between(new Position(-1, 0, 0), new Position(-1, -1, 0.1f)));
                model.Lower("RightUpperArm", Rotation.Between(new Position(1, 0, 0), new Position(1, -0.7f, 0)));
                model.Rest.StraightenArms();
                var pose = new Pose();
                model.Set(pose, "LeftUpperArm", new Rotation(0, 0, _half, _half));
                model.Apply(pose);
                Near(new Position(0, 0.52f, 0), model.Place("LeftHand") - model.Place("LeftUpperArm"), "left hand up");
                Near(new Position(0.52f, 0, 0), model.Place("RightHand") - model.Place("RightUpperArm"), "right hand aside");
            }
        }

        static Pose AnyPose(int seed)
        {
            var random = new System.Random(seed);
            var pose = new Pose();
            for (int bone = 0; bone < Pose.NumBones; bone++)
            {
                Put(pose, bone, Turn(random));
            }
            pose.Values[Pose.HipsAt] = 0.05f;
            pose.Values[Pose.HipsAt + 1] = 0.9f;
            return pose;
        }

        /// <summary>Forward kinematics of the server's skeleton, mirrored at the end.</summary>
        static Dictionary<string, Position> OurPlaces(Pose pose, List<string> order)
        {
            var places = new Dictionary<string, Position>();
            var turns = new Dictionary<string, Rotation>();
            var mirrored = new Dictionary<string, Position>();
            foreach (HumanoidBone bone in Humanoid.Bones)
            {
                bool isRoot = bone.Parent.Length == 0;
                Rotation above = isRoot ? Rotation.Identity : turns[bone.Parent];
                places[bone.Name] = isRoot ? pose.Hips : places[bone.Parent] + above * bone.Offset;
                turns[bone.Name] = above * pose.Rotation(order.IndexOf(bone.Name));
                mirrored[bone.Name] = UnitySpace.Of(places[bone.Name]);
            }
            return mirrored;
        }

        static void Put(Pose pose, int bone, Rotation turn)
        {
            pose.Values[4 * bone] = turn.X;
            pose.Values[4 * bone + 1] = turn.Y;
            pose.Values[4 * bone + 2] = turn.Z;
            pose.Values[4 * bone + 3] = turn.W;
        }

        static Position Way(System.Random random)
        {
            return new Position((float)random.NextDouble() - 0.5f, (float)random.NextDouble() - 0.5f, (float)random.NextDouble() - 0.5f);
        }

        static Rotation Turn(System.Random random)
        {
            return Rotation.Between(Way(random), Way(random)) * Rotation.Between(Way(random), Way(random));
        }

        static Position Unit(Position way)
        {
            return (float)(1 / Math.Sqrt(Position.Dot(way, way))) * way;
        }

        static void Near(Position expected, Position actual, string what)
        {
            Position off = expected - actual;
            Check.Near(0, Math.Sqrt(Position.Dot(off, off)), 1e-4, what);
        }

        /// <summary>A rig in Unity's space, of our proportions, whose bones, and a node between each and
        /// its parent, rest at random rotations.</summary>
        sealed class Model
        {
            sealed class Node
            {
                public string Parent;
                public Rotation Between, Local, Above, Own; // Above, Own: where Apply has put them
                public Position Offset, Place; // offset in the space of the bone above
            }

            public static readonly List<string> Names = new List<string>();
            public readonly List<string> Order = Names;
            public readonly RestPose Rest = new RestPose();
            readonly Dictionary<string, Node> _nodes = new Dictionary<string, Node>();

            static Model()
            {
                foreach (HumanoidBone bone in Humanoid.Bones)
                {
                    Names.Insert(Names.Count / 2, bone.Name); // the server's order is another one
                }
            }

            public Model(int seed, params string[] missing)
            {
                var random = new System.Random(seed);
                foreach (HumanoidBone bone in Humanoid.Bones)
                {
                    Position offset = UnitySpace.Of(bone.Offset);
                    string parent = bone.Parent;
                    for (; Array.IndexOf(missing, parent) >= 0; parent = Humanoid.ParentOf(parent))
                    {
                        offset = offset + UnitySpace.Of(Find(parent).Offset);
                    }
                    if (Array.IndexOf(missing, bone.Name) < 0)
                    {
                        Add(bone.Name, parent, offset, Turn(random), Turn(random));
                    }
                }
            }

            public void Set(Pose pose, string bone, Rotation turn)
            {
                Put(pose, Order.IndexOf(bone), turn);
            }

            public Position Place(string bone)
            {
                return _nodes[bone].Place;
            }

            /// <summary>How a bone has turned from its rest, about the axes of the world.</summary>
            public Rotation Turned(string bone)
            {
                return _nodes[bone].Own * Rest.Find(bone).Own.Inverse;
            }

            /// <summary>Let a limb rest elsewhere.</summary>
            public void Lower(string limb, Rotation turn)
            {
                Node node = _nodes[limb];
                node.Local = node.Above.Inverse * turn * node.Own;
                Stand();
                foreach (HumanoidBone bone in Humanoid.Bones)
                {
                    Node each = _nodes[bone.Name];
                    Rest.Add(bone.Name, each.Above, each.Own, each.Place);
                }
            }

            public void Apply(Pose pose)
            {
                var retargeting = new Retargeting(Rest, Order);
                for (int n = 0; n < retargeting.Bones.Count; n++)
                {
                    _nodes[retargeting.Bones[n]].Local = retargeting.Local(n, pose);
                }
                _nodes["Hips"].Offset = retargeting.Hips(pose);
                Stand();
            }

            void Add(string name, string parent, Position offset, Rotation between, Rotation own)
            {
                Rotation above = parent.Length == 0 ? Rotation.Identity : _nodes[parent].Own;
                Position place = parent.Length == 0 ? offset : _nodes[parent].Place + offset;
                var node = new Node { Parent = parent, Between = between, Above = above * between, Own = own, Place = place };
                node.Local = node.Above.Inverse * own;
                node.Offset = above.Inverse * offset;
                _nodes[name] = node;
                Rest.Add(name, node.Above, own, place);
            }

            void Stand()
            {
                foreach (HumanoidBone bone in Humanoid.Bones)
                {
                    Node node;
                    if (_nodes.TryGetValue(bone.Name, out node))
                    {
                        bool isRoot = node.Parent.Length == 0;
                        Rotation above = isRoot ? Rotation.Identity : _nodes[node.Parent].Own;
                        node.Place = isRoot ? node.Offset : _nodes[node.Parent].Place + above * node.Offset;
                        node.Above = above * node.Between;
                        node.Own = node.Above * node.Local;
                    }
                }
            }

            static HumanoidBone Find(string name)
            {
                foreach (HumanoidBone bone in Humanoid.Bones)
                {
                    if (bone.Name == name)
                    {
                        return bone;
                    }
                }
                throw new FailedException(name);
            }
        }
    }
}
