using System;
using UnityEngine;

namespace Umo
{
    /// <summary>A character that `umo serve` moves: opens it there, and turns its bones.</summary>
    /// <remarks>
    /// Bones are those of a Humanoid Animator, else they are found by name
    /// (<see cref="BoneNames"/>). It faces the z axis of its own transform. Bones are written in
    /// LateUpdate, after the Animator and before the spring bones of VRM (order 11000).
    /// </remarks>
    [DefaultExecutionOrder(100), DisallowMultipleComponent, AddComponentMenu("UMo/UMo Avatar")]
    public sealed class UmoAvatar : MonoBehaviour
    {
        [SerializeField, Tooltip("Assets > Create > UMo > Connection.")]
        UmoConnection connection;

        [SerializeField, Tooltip("Name at the server; empty: that of the object.")]
        string characterName = "";

        [SerializeField, Tooltip("Which bones it moves.")]
        UmoBody body = UmoBody.Whole;

        [SerializeField, Tooltip("Samples a second of its speech, 8000 to 192000.")]
        int rateHz = 24000;

        [SerializeField, Tooltip("Who plays the sound: off, UMo Voice or your code that calls Npc.SetPlayhead; on, nobody in this game.")]
        bool isPaced;

        [SerializeField, HideInInspector] RestNodes rest = new RestNodes();
        UmoSession _session;
        [NonSerialized] AvatarRig _rig;
        [NonSerialized] bool _isBound;

        /// <summary>The character, to direct it; null while this component is off.</summary>
        public Npc Npc { get; private set; }

        /// <summary>Samples a second of its speech.</summary>
        public int RateHz => rateHz;

        /// <summary>The pose of this moment, in the server's space.</summary>
        public Pose Pose { get; private set; }

        /// <summary>Whether any motion has come.</summary>
        public bool HasPose { get; private set; }

        /// <summary>What bones were found, for people; "" before it was enabled.</summary>
        public string Report => _rig == null ? "" : _rig.Report();

        /// <summary>How the connection is, for people.</summary>
        public string Status => _session == null ? "no connection" : _session.Status;

        /// <summary>The client; null while there is none.</summary>
        public UmoClient Client => _session == null ? null : _session.Client;

        /// <summary>Set up by code what the inspector sets up.</summary>
        public void Configure(UmoConnection with, string named = "", UmoBody moves = UmoBody.Whole)
        {
            connection = with;
            characterName = named;
            body = moves;
            if (isActiveAndEnabled)
            {
                Close();
                Open();
            }
        }

        void Awake()
        {
            rest.Remember(transform);
        }

        void OnEnable()
        {
            rest.Remember(transform);
            _rig = new AvatarRig(transform, rest);
            Pose = new Pose();
            Open();
        }

        void Start()
        {
            if (connection == null)
            {
                Debug.LogWarning("UMo: \"" + name + "\" has no connection; create one by Assets > Create > UMo", this);
            }
            if (body != UmoBody.None && _rig.Rest.Missing.Count > 0)
            {
                Debug.LogWarning("UMo: \"" + name + "\": " + Report, this);
            }
        }

        void LateUpdate()
        {
            if (Npc == null || Npc.IsClosed || !Npc.Sample(Pose) || Client.Bones == null)
            {
                return;
            }
            if (!_isBound)
            {
                _rig.Bind(Client.Bones, body);
                _isBound = true;
            }
            HasPose = true;
            _rig.Apply(Pose);
        }

        void OnDisable()
        {
            Close();
        }

        void Open()
        {
            if (connection == null)
            {
                return;
            }
            _session = connection.Join();
            _isBound = HasPose = false;
            if (_session.Client == null)
            {
                return;
            }
            try
            {
                Npc = _session.Open(characterName.Length > 0 ? characterName : name, Options());
            }
            catch (UmoException error)
            {
                Debug.LogWarning("UMo: \"" + name + "\": " + error.Message, this);
            }
        }

        NpcOptions Options()
        {
            return new NpcOptions { RateHz = rateHz, IsPaced = isPaced, DelaySeconds = connection.DelaySeconds };
        }

        void Close()
        {
            if (Npc != null)
            {
                Npc.Close();
                Npc = null;
            }
            if (_session != null)
            {
                _session.Leave();
                _session = null;
            }
            HasPose = false;
        }
    }
}
