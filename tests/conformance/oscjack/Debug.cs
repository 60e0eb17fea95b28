// The one line of Unity that OscJack calls.
namespace UnityEngine { static class Debug { public static void Log(object what) { System.Console.WriteLine(what); } } }
