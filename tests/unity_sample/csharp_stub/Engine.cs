using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Reflection;
using System.Threading;

namespace UnityEngine
{
    public static class Application { public static bool isPlaying => true; }

    public static class Time
    {
        public static float unscaledDeltaTime { get; internal set; }
        public static float deltaTime => unscaledDeltaTime;
        public static float unscaledTime => (float)realtimeSinceStartupAsDouble;
        public static float time => unscaledTime;
        public static double realtimeSinceStartupAsDouble => (double)Stopwatch.GetTimestamp() / Stopwatch.Frequency;
    }

    public static class Debug
    {
        public static void Log(object message, Object about = null) { Engine.Write("log", message); }
        public static void LogWarning(object message, Object about = null) { Engine.Write("warning", message); }
    }

    /// <summary>What the tests need of a game engine: the loop, the audio thread, copies, reloading.
    /// </summary>
    public static class Engine
    {
        public const int BlockLength = 1024, Channels = 2;
        const BindingFlags _all = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        public static readonly List<GameObject> Alive = new List<GameObject>();
        internal static readonly List<ScriptableObject> Assets = new List<ScriptableObject>();
        public static readonly List<string> Written = new List<string>();
        static readonly List<Object> _buried = new List<Object>();
        static readonly HashSet<Component> _awake = new HashSet<Component>(), _on = new HashSet<Component>(), _started = new HashSet<Component>();
        static double _ticked;
        static volatile bool _hasAudio;
        static Thread _audio;

        #region The loop

        /// <summary>One picture.</summary>
        public static void Tick()
        {
            double now = Time.realtimeSinceStartupAsDouble;
            Time.unscaledDeltaTime = _ticked == 0 ? 0 : (float)(now - _ticked);
            _ticked = now;
            foreach (Component each in Running().Where(each => _started.Add(each)))
            {
                Send(each, "Start");
            }
            Running().ForEach(each => Send(each, "Update"));
            Running().ForEach(each => Send(each, "LateUpdate"));
            var buried = _buried.ToList();
            _buried.Clear();
            buried.ForEach(Remove);
        }

        internal static void Write(string kind, object message)
        {
            Written.Add(kind + ": " + message);
            Console.WriteLine(kind + ": " + message);
        }

        internal static void Bury(Object gone)
        {
            _buried.Add(gone);
        }

        internal static void Refresh(Behaviour it)
        {
            if (it.gameObject == null || it.IsDestroyed)
            {
                return;
            }
            if (it.gameObject.IsActive && _awake.Add(it))
            {
                Send(it, "Awake");
            }
            if (it.isActiveAndEnabled && _on.Add(it))
            {
                Send(it, "OnEnable");
            }
            else if (!it.isActiveAndEnabled && _on.Remove(it))
            {
                Send(it, "OnDisable");
            }
        }

        static List<Component> Running()
        {
            return Alive.SelectMany(each => each.Components).Where(_on.Contains).OrderBy(Order).ToList();
        }

        static int Order(Component it)
        {
            var order = it.GetType().GetCustomAttributes(typeof(DefaultExecutionOrder), true).Cast<DefaultExecutionOrder>().FirstOrDefault();
            return order == null ? 0 : order.Order;
        }

        static void Send(Component to, string message, params object[] arguments)
        {
            MethodInfo method = to.GetType().GetMethod(message, _all);
            if (method != null)
            {
                method.Invoke(to, arguments);
            }
        }

        static void Remove(Object gone)
        {
            var whole = gone as GameObject;
            if (ReferenceEquals(gone, null) || gone.IsDestroyed)
            {
                return;
            }
            if (whole == null)
            {
                gone.IsDestroyed = true;
                var part = gone as Component;
                if (!ReferenceEquals(part, null))
                {
                    part.gameObject.Components.Remove(part);
                }
                return;
            }
            whole.SetActive(false);
            foreach (Transform each in whole.GetComponentsInChildren<Transform>(true))
            {
                each.gameObject.Components.ForEach(component => component.IsDestroyed = true);
                Alive.Remove(each.gameObject);
                each.gameObject.IsDestroyed = true;
            }
            whole.transform.SetParent(null, false);
        }

        #endregion

        #region Sound

        /// <summary>Let the audio thread run, or end it: no device.</summary>
        public static bool HasAudio
        {
            get
            {
                return _hasAudio;
            }
            set
            {
                _hasAudio = value;
                if (value)
                {
                    _audio = new Thread(PlaySound) { IsBackground = true };
                    _audio.Start();
                }
                else if (_audio != null)
                {
                    _audio.Join();
                    _audio = null;
                }
            }
        }

        static void PlaySound()
        {
            var data = new float[BlockLength * Channels];
            double next = Time.realtimeSinceStartupAsDouble;
            while (_hasAudio)
            {
                foreach (AudioSource source in Sources())
                {
                    source.Mix(data, Channels);
                    Filter(source, data);
                    source.Loudest = data.Max(value => Math.Abs(value));
                }
                next += (double)BlockLength / AudioSettings.outputSampleRate;
                Thread.Sleep(Math.Max(0, (int)(1000 * (next - Time.realtimeSinceStartupAsDouble))));
            }
        }

        static AudioSource[] Sources()
        {
            try
            {
                return AudioListener.pause ? new AudioSource[0]
                    : Alive.ToArray().SelectMany(each => each.Components.ToArray()).OfType<AudioSource>().ToArray();
            }
            catch (Exception)
            {
                return new AudioSource[0]; // the list was changed meanwhile; the next block has it
            }
        }

        static void Filter(AudioSource source, float[] data)
        {
            foreach (MonoBehaviour each in source.gameObject.Components.OfType<MonoBehaviour>().ToArray())
            {
                if (_on.Contains(each))
                {
                    Send(each, "OnAudioFilterRead", data, Channels);
                }
            }
        }

        #endregion

        #region Copies and reloading

        internal static GameObject Clone(GameObject prefab, Transform parent, Action<Transform> place)
        {
            var copies = new Dictionary<Object, Object>();
            var switches = new List<Action>();
            GameObject clone = CloneTree(prefab, copies, switches);
            clone.name = prefab.name + "(Clone)";
            clone.transform.SetParent(parent, false);
            if (place != null)
            {
                place(clone.transform);
            }
            switches.ForEach(each => each());
            return clone;
        }

        static GameObject CloneTree(GameObject original, Dictionary<Object, Object> copies, List<Action> switches)
        {
            var clone = new GameObject(original.name);
            clone.SetActive(false);
            copies[original] = clone;
            copies[original.transform] = clone.transform;
            clone.transform.localPosition = original.transform.localPosition;
            clone.transform.localRotation = original.transform.localRotation;
            clone.transform.localScale = original.transform.localScale;
            foreach (Component each in original.Components.Skip(1))
            {
                Component copy = clone.Components.FirstOrDefault(c => c.GetType() == each.GetType()) ?? clone.Add(each.GetType());
                copies[each] = copy;
                switches.Add(() => Copy(each, copy, copies));
            }
            for (int n = 0; n < original.transform.childCount; n++)
            {
                GameObject child = CloneTree(original.transform.GetChild(n).gameObject, copies, switches);
                child.transform.SetParent(clone.transform, false);
                switches.Add(() => child.SetActive(true));
            }
            bool wasActive = original.IsActive;
            switches.Add(() => clone.SetActive(wasActive));
            return clone;
        }

        static void Copy(object from, object to, Dictionary<Object, Object> copies)
        {
            foreach (FieldInfo field in from.GetType().GetFields(_all).Where(f => f.IsPublic || f.IsDefined(typeof(SerializeField), true)))
            {
                if (IsSerialized(field) && !field.IsInitOnly)
                {
                    field.SetValue(to, Copied(field.GetValue(from), copies));
                }
            }
        }

        static object Copied(object value, Dictionary<Object, Object> copies)
        {
            var it = value as Object;
            if (!ReferenceEquals(it, null))
            {
                Object copy;
                return copies.TryGetValue(it, out copy) ? copy : it;
            }
            var list = value as IList;
            if (list != null)
            {
                var result = (IList)(value is Array ? Array.CreateInstance(value.GetType().GetElementType(), list.Count) : Activator.CreateInstance(value.GetType()));
                for (int n = 0; n < list.Count; n++)
                {
                    object element = Copied(list[n], copies);
                    if (value is Array) { result[n] = element; } else { result.Add(element); }
                }
                return result;
            }
            if (value != null && value.GetType().IsClass && !(value is string))
            {
                object copy = Activator.CreateInstance(value.GetType());
                Copy(value, copy, copies);
                return copy;
            }
            return value;
        }

        /// <summary>Scripts are compiled anew while the game plays: what Unity cannot serialize is lost.
        /// </summary>
        public static void Reload()
        {
            List<Component> running = Running().Where(each => each is MonoBehaviour).ToList();
            running.ForEach(each => Send(each, "OnDisable"));
            foreach (Object each in Alive.SelectMany(a => a.Components).OfType<MonoBehaviour>().Concat<Object>(Assets))
            {
                Lose(each, Activator.CreateInstance(each.GetType()));
            }
            running.AsEnumerable().Reverse().ToList().ForEach(each => Send(each, "OnEnable"));
        }

        static void Lose(object it, object fresh)
        {
            foreach (FieldInfo field in it.GetType().GetFields(_all))
            {
                if (!IsSerialized(field))
                {
                    field.SetValue(it, field.GetValue(fresh));
                }
                else if (field.FieldType.IsClass && field.GetValue(it) != null && IsPlain(field.FieldType))
                {
                    Lose(field.GetValue(it), Activator.CreateInstance(field.FieldType));
                }
            }
        }

        /// <summary>Private fields, too, survive reloading.</summary>
        static bool IsSerialized(FieldInfo field)
        {
            Type type = field.FieldType;
            Type element = type.IsArray ? type.GetElementType() : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>) ? type.GetGenericArguments()[0] : type;
            bool isKnown = element.IsPrimitive || element.IsEnum || element == typeof(string) || typeof(Object).IsAssignableFrom(element)
                || (element.Namespace == "UnityEngine" && element.IsValueType) || IsPlain(element);
            return isKnown && !field.IsNotSerialized && !field.Name.Contains("k__BackingField") && !field.IsInitOnly;
        }

        static bool IsPlain(Type type)
        {
            return type.IsClass && type != typeof(string) && type.IsSerializable && !type.IsGenericType && type.Namespace == "Umo";
        }

        #endregion
    }
}
