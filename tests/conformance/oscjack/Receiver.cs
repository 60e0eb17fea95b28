// A character in Unity's space that OscJack moves: what a scene's Transforms would show.
// Arguments: a file of lines "NAME PARENT x y z", the skeleton at rest.
// Prints {"port": ...}, then a line of JSON for every frame, then {"died": ...} if OscJack's thread ends.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Numerics;
using System.Reflection;
using System.Threading;
using OscJack;

sealed class Transform
{
    public Transform Parent;
    public Vector3 LocalPosition;
    public Quaternion LocalRotation = Quaternion.Identity;

    public Quaternion Rotation
    {
        get { return Parent == null ? LocalRotation : Parent.Rotation * LocalRotation; }
    }

    public Vector3 Position
    {
        get
        {
            return Parent == null
                ? LocalPosition
                : Parent.Position + Vector3.Transform(LocalPosition, Parent.Rotation);
        }
    }
}

static class Receiver
{
    static readonly Dictionary<string, Transform> _bones = new Dictionary<string, Transform>();
    static readonly Dictionary<string, float> _face = new Dictionary<string, float>();
    static readonly HashSet<string> _moved = new HashSet<string>();

    static void Main(string[] arguments)
    {
        foreach (var line in File.ReadLines(arguments[0])) AddBone(line.Split(' '));
        var server = new OscServer(0);
        server.MessageDispatcher.AddCallback(string.Empty, Take);
        var port = ((IPEndPoint)Of<Socket>(server, "_socket").LocalEndPoint).Port;
        Console.WriteLine("{{\"port\": {0}}}", port);
        Of<Thread>(server, "_thread").Join();
        Console.WriteLine("{\"died\": true}");
        Console.In.ReadToEnd();
    }

    static T Of<T>(OscServer server, string field)
    {
        var hidden = BindingFlags.NonPublic | BindingFlags.Instance;
        return (T)typeof(OscServer).GetField(field, hidden).GetValue(server);
    }

    static void AddBone(string[] words)
    {
        Transform parent;
        _bones.TryGetValue(words[1], out parent);
        var place = words.Skip(2).Select(word => float.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        _bones[words[0]] = new Transform
        {
            Parent = parent,
            LocalPosition = new Vector3(place[0], place[1], place[2]),
        };
    }

    // On OscJack's thread: VMC, and the addresses of our own OSC.
    static void Take(string address, OscDataHandle data)
    {
        if (address == "/VMC/Ext/Bone/Pos")
        {
            var name = data.GetElementAsString(0);
            Move(name, data, 1);
            Turn(name, data, 4);
        }
        else if (address == "/VMC/Ext/Blend/Val")
            _face[data.GetElementAsString(0)] = data.GetElementAsFloat(1);
        else if (address.StartsWith("/umo/main/bone/")) Turn(address.Substring(15), data, 0);
        else if (address.StartsWith("/umo/main/face/"))
            _face[address.Substring(15)] = data.GetElementAsFloat(0);
        else if (address == "/umo/main/root") Move("Hips", data, 0);
        else if (address == "/VMC/Ext/Blend/Apply" || address == "/umo/main/time") Show();
    }

    static void Move(string name, OscDataHandle data, int at)
    {
        _bones[name].LocalPosition = new Vector3(
            data.GetElementAsFloat(at), data.GetElementAsFloat(at + 1), data.GetElementAsFloat(at + 2));
    }

    static void Turn(string name, OscDataHandle data, int at)
    {
        _moved.Add(name);
        _bones[name].LocalRotation = new Quaternion(
            data.GetElementAsFloat(at), data.GetElementAsFloat(at + 1),
            data.GetElementAsFloat(at + 2), data.GetElementAsFloat(at + 3));
    }

    static void Show()
    {
        var bones = _bones.Where(bone => _moved.Contains(bone.Key)).Select(bone =>
        {
            var place = bone.Value.Position;
            var front = Vector3.Transform(Vector3.UnitZ, bone.Value.Rotation);
            return Pair(bone.Key, "[" + string.Join(", ", new[]
            {
                place.X, place.Y, place.Z, front.X, front.Y, front.Z,
            }.Select(Text)) + "]");
        });
        var face = _face.Select(weight => Pair(weight.Key, Text(weight.Value)));
        Console.WriteLine(
            "{{\"bones\": {{{0}}}, \"face\": {{{1}}}}}", string.Join(", ", bones), string.Join(", ", face));
        _moved.Clear();
        _face.Clear();
    }

    static string Pair(string name, string value) { return "\"" + name + "\": " + value; }

    static string Text(float value) { return value.ToString("R", CultureInfo.InvariantCulture); }
}
