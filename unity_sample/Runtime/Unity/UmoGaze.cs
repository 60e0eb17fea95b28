using UnityEngine;

namespace Umo
{
    /// <summary>Has a character look at something while that is in front of it.</summary>
    [RequireComponent(typeof(UmoAvatar)), DisallowMultipleComponent, AddComponentMenu("UMo/UMo Gaze")]
    public sealed class UmoGaze : MonoBehaviour
    {
        const float _everySeconds = 0.1f, _leastDegrees = 1, _mostDegrees = 70;
        static readonly double[] _freely = new double[0];

        [SerializeField, Tooltip("Such as the camera; none: it looks where it likes.")] Transform target;
        [SerializeField, Tooltip("Of its eyes above its root, metres.")] float eyeHeight = 1.5f;
        UmoAvatar _avatar;
        Npc _npc;
        Vector2 _told;
        float _dueAt;

        /// <summary>What it looks at; null: where it likes.</summary>
        public Transform Target
        {
            get { return target; }
            set { target = value; }
        }

        void OnEnable()
        {
            _avatar = GetComponent<UmoAvatar>();
            _npc = null;
        }

        void Update()
        {
            if (_avatar.Npc == null || Time.unscaledTime < _dueAt)
            {
                return;
            }
            _dueAt = Time.unscaledTime + _everySeconds;
            Vector2 wanted = Wanted();
            bool isNew = _npc != _avatar.Npc;
            if (isNew || float.IsNaN(wanted.x) != float.IsNaN(_told.x) || (wanted - _told).magnitude > _leastDegrees)
            {
                _npc = _avatar.Npc;
                _told = wanted;
                _npc.Direct(new Direction
                {
                    GazeDegrees = float.IsNaN(wanted.x) ? _freely : new double[] { wanted.x, wanted.y },
                });
            }
        }

        /// <summary>Degrees to its left, and up; NaN: freely.</summary>
        Vector2 Wanted()
        {
            if (target == null)
            {
                return new Vector2(float.NaN, 0);
            }
            Vector3 way = transform.InverseTransformPoint(target.position) - new Vector3(0, eyeHeight, 0);
            float left = Mathf.Atan2(-way.x, way.z) * Mathf.Rad2Deg;
            float up = Mathf.Atan2(way.y, new Vector2(way.x, way.z).magnitude) * Mathf.Rad2Deg;
            return Mathf.Abs(left) > _mostDegrees ? new Vector2(float.NaN, 0) : new Vector2(left, Mathf.Clamp(up, -30, 30));
        }
    }
}
