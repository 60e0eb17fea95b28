using System;
using System.Collections.Generic;
using System.Linq;

namespace UnityEngine
{
    [Flags] public enum HideFlags { None = 0, DontSave = 52 }
    public enum PrimitiveType { Sphere, Capsule, Cylinder, Cube, Plane }

    /// <summary>Equals null once it is destroyed, as Unity's do.</summary>
    public class Object
    {
        internal bool IsDestroyed;
        public virtual string name { get; set; } = "";
        public HideFlags hideFlags { get; set; }

        public static void Destroy(Object gone) { Engine.Bury(gone); }
        public static void DontDestroyOnLoad(Object kept) { }

        public static GameObject Instantiate(GameObject prefab)
        {
            return Engine.Clone(prefab, null, null);
        }

        public static GameObject Instantiate(GameObject prefab, Vector3 place, Quaternion turn, Transform parent)
        {
            return Engine.Clone(prefab, parent, clone => { clone.position = place; clone.rotation = turn; });
        }

        public static T FindObjectOfType<T>() where T : Component
        {
            return Engine.Alive.SelectMany(each => each.Components).OfType<T>().FirstOrDefault();
        }

        public static bool operator ==(Object a, Object b)
        {
            return IsGone(a) ? IsGone(b) : ReferenceEquals(a, b);
        }

        public static bool operator !=(Object a, Object b) { return !(a == b); }
        public override bool Equals(object other) { return this == (other as Object); }
        public override int GetHashCode() { return System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this); }
        static bool IsGone(Object it) { return ReferenceEquals(it, null) || it.IsDestroyed; }
    }

    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>() where T : ScriptableObject
        {
            var made = Activator.CreateInstance<T>();
            Engine.Assets.Add(made);
            return made;
        }
    }

    public class Component : Object
    {
        public GameObject gameObject { get; internal set; }
        public Transform transform => gameObject.transform;
        public override string name { get { return gameObject.name; } set { gameObject.name = value; } }
        public T GetComponent<T>() where T : Component { return gameObject.GetComponent<T>(); }
        public T[] GetComponentsInChildren<T>(bool inactive) where T : Component { return gameObject.GetComponentsInChildren<T>(inactive); }
        public T GetComponentInChildren<T>(bool inactive) where T : Component { return GetComponentsInChildren<T>(inactive).FirstOrDefault(); }

        public T GetComponentInParent<T>() where T : Component
        {
            for (Transform at = transform; at != null; at = at.parent)
            {
                T found = at.GetComponent<T>();
                if (found != null)
                {
                    return found;
                }
            }
            return null;
        }
    }

    public class Behaviour : Component
    {
        bool _enabled = true;

        public bool enabled
        {
            get { return _enabled; }
            set { _enabled = value; Engine.Refresh(this); }
        }

        public bool isActiveAndEnabled => _enabled && gameObject.IsActive;
    }

    public class MonoBehaviour : Behaviour { }

    public sealed class GameObject : Object
    {
        bool _isActive = true;
        internal readonly List<Component> Components = new List<Component>();

        public GameObject() : this("") { }

        public GameObject(string name)
        {
            this.name = name;
            transform = new Transform { gameObject = this };
            Components.Add(transform);
            Engine.Alive.Add(this);
        }

        public Transform transform { get; }
        public string tag { get; set; }
        internal bool IsActive => _isActive && (transform.parent == null || transform.parent.gameObject.IsActive);

        public void SetActive(bool isActive)
        {
            _isActive = isActive;
            foreach (Transform each in GetComponentsInChildren<Transform>(true))
            {
                each.gameObject.Components.OfType<Behaviour>().ToList().ForEach(Engine.Refresh);
            }
        }

        public T AddComponent<T>() where T : Component { return (T)Add(typeof(T)); }

        internal Component Add(Type type)
        {
            foreach (RequireComponent need in type.GetCustomAttributes(typeof(RequireComponent), true))
            {
                if (!Components.Any(need.Needed.IsInstanceOfType))
                {
                    Add(need.Needed);
                }
            }
            var added = (Component)Activator.CreateInstance(type);
            added.gameObject = this;
            Components.Add(added);
            if (added is Behaviour)
            {
                Engine.Refresh((Behaviour)added);
            }
            return added;
        }

        public T GetComponent<T>() where T : Component { return Components.OfType<T>().FirstOrDefault(); }

        public T GetComponentInChildren<T>() where T : Component { return GetComponentsInChildren<T>(false).FirstOrDefault(); }

        public T[] GetComponentsInChildren<T>(bool inactive) where T : Component
        {
            var found = new List<T>();
            if (inactive || IsActive)
            {
                found.AddRange(Components.OfType<T>());
                for (int n = 0; n < transform.childCount; n++)
                {
                    found.AddRange(transform.GetChild(n).gameObject.GetComponentsInChildren<T>(inactive));
                }
            }
            return found.ToArray();
        }

        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            var made = new GameObject(type.ToString());
            made.AddComponent<MeshRenderer>();
            made.AddComponent<BoxCollider>();
            return made;
        }
    }

    public sealed class Transform : Component
    {
        readonly List<Transform> _children = new List<Transform>();
        public Vector3 localPosition = Vector3.zero, localScale = Vector3.one;
        public Quaternion localRotation = Quaternion.identity;
        public Transform parent { get; private set; }
        public int childCount => _children.Count;
        public Transform GetChild(int place) { return _children[place]; }

        public void SetParent(Transform to, bool stays)
        {
            Vector3 place = position;
            Quaternion turn = rotation;
            if (parent != null)
            {
                parent._children.Remove(this);
            }
            parent = to;
            if (to != null)
            {
                to._children.Add(this);
            }
            if (stays)
            {
                position = place;
                rotation = turn;
            }
        }

        public Quaternion rotation
        {
            get { return parent == null ? localRotation : parent.rotation * localRotation; }
            set { localRotation = parent == null ? value : Quaternion.Inverse(parent.rotation) * value; }
        }

        public Vector3 position
        {
            get { return parent == null ? localPosition : parent.TransformPoint(localPosition); }
            set { localPosition = parent == null ? value : parent.InverseTransformPoint(value); }
        }

        public Vector3 forward => rotation * Vector3.forward;

        public Vector3 TransformPoint(Vector3 at)
        {
            Vector3 above = localPosition + localRotation * Vector3.Scale(localScale, at);
            return parent == null ? above : parent.TransformPoint(above);
        }

        public Vector3 InverseTransformPoint(Vector3 at)
        {
            Vector3 here = Quaternion.Inverse(localRotation) * ((parent == null ? at : parent.InverseTransformPoint(at)) - localPosition);
            return new Vector3(here.x / localScale.x, here.y / localScale.y, here.z / localScale.z);
        }

        public void LookAt(Vector3 at) { rotation = Quaternion.FromToRotation(Vector3.forward, at - position); }
    }
}
