using System.Collections.Generic;
using UnityEngine;

namespace Umo
{
    /// <summary>Makes many characters of one prefab, a few a second, in rows.</summary>
    [DisallowMultipleComponent, AddComponentMenu("UMo/UMo Spawner")]
    public sealed class UmoSpawner : MonoBehaviour
    {
        [SerializeField] UmoConnection connection;
        [SerializeField, Tooltip("A model; it gets an UMo Avatar if it has none.")] GameObject prefab;
        [SerializeField, Range(1, 1000)] int count = 16;
        [SerializeField, Range(1, 100)] int columns = 4;
        [SerializeField, Tooltip("Metres.")] float spacing = 1.5f;
        [SerializeField, Range(1, 100)] float perSecond = 10;
        [SerializeField, Tooltip("A number is added.")] string baseName = "npc";
        readonly List<UmoAvatar> _spawned = new List<UmoAvatar>();
        float _due;

        /// <summary>Those that are there.</summary>
        public IReadOnlyList<UmoAvatar> Spawned => _spawned;

        /// <summary>Whether all are there.</summary>
        public bool IsComplete => _spawned.Count >= count;

        /// <summary>Set up by code what the inspector sets up.</summary>
        public void Configure(UmoConnection with, GameObject model, int number)
        {
            connection = with;
            prefab = model;
            count = number;
        }

        void Update()
        {
            if (prefab == null || connection == null)
            {
                return;
            }
            for (_due += perSecond * Time.unscaledDeltaTime; _due >= 1 && !IsComplete; _due--)
            {
                _spawned.Add(Spawn(_spawned.Count));
            }
            _due = Mathf.Min(_due, 1);
        }

        void OnDisable()
        {
            foreach (UmoAvatar each in _spawned)
            {
                if (each != null)
                {
                    Destroy(each.gameObject);
                }
            }
            _spawned.Clear();
        }

        UmoAvatar Spawn(int number)
        {
            float x = (number % columns - (Mathf.Min(columns, count) - 1) / 2f) * spacing;
            Vector3 place = transform.TransformPoint(new Vector3(x, 0, -(number / columns) * spacing));
            GameObject made = Instantiate(prefab, place, transform.rotation, transform);
            made.name = baseName + " " + (number + 1);
            made.SetActive(true);
            var avatar = made.GetComponentInChildren<UmoAvatar>();
            avatar = avatar != null ? avatar : made.AddComponent<UmoAvatar>();
            avatar.Configure(connection, made.name);
            return avatar;
        }
    }
}
