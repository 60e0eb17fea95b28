using Umo;
using UnityEngine;

/// <summary>One character that speaks a clip over and over, or repeats after the microphone.</summary>
/// <remarks>Put it on an empty object of an empty scene and press play; all fields may stay empty.
/// </remarks>
public sealed class TalkingAvatarSample : MonoBehaviour
{
    const float _pauseSeconds = 1;

    [SerializeField, Tooltip("None: `umo serve` on this machine.")] UmoConnection connection;
    [SerializeField, Tooltip("A model; none: a figure of blocks.")] GameObject model;
    [SerializeField, Tooltip("Speech; none: the microphone.")] AudioClip speech;
    UmoAvatar _avatar;
    UmoVoice _voice;
    AudioClip _microphone;
    int _heard; // sample of the microphone
    float _speakAt;

    void Start()
    {
        Light();
        connection = connection != null ? connection : UmoConnection.Create("tcp://127.0.0.1:7601");
        _avatar = model != null ? Dress(Instantiate(model)) : BlockFigure.Create(connection);
        _voice = _avatar.gameObject.AddComponent<UmoVoice>();
        if (speech == null)
        {
            _microphone = Microphone.Start(null, true, 1, _avatar.RateHz);
            _voice.GetComponent<AudioSource>().volume = 0; // its lips move, but it does not echo
        }
    }

    void Update()
    {
        if (_microphone != null)
        {
            Listen();
        }
        else if (_voice.IsSpeaking || _avatar.Npc == null)
        {
            _speakAt = Time.time + _pauseSeconds;
        }
        else if (Time.time > _speakAt)
        {
            _voice.Say(speech);
        }
    }

    void OnGUI()
    {
        GUI.Label(new Rect(10, 10, 900, 25), _avatar == null ? "" : _avatar.Status);
        if (_voice != null && GUI.Button(new Rect(10, 40, 120, 30), "Interrupt"))
        {
            _voice.Interrupt();
        }
    }

    void OnDestroy()
    {
        if (_microphone != null)
        {
            Microphone.End(null);
        }
    }

    UmoAvatar Dress(GameObject made)
    {
        var avatar = made.GetComponentInChildren<UmoAvatar>();
        avatar = avatar != null ? avatar : made.AddComponent<UmoAvatar>();
        if (made.GetComponentInChildren<UmoFace>() == null)
        {
            made.AddComponent<UmoFace>();
        }
        avatar.Configure(connection, made.name);
        return avatar;
    }

    /// <summary>Push what the microphone has heard since the last picture.</summary>
    void Listen()
    {
        int end = Microphone.GetPosition(null), count = (end - _heard + _microphone.samples) % _microphone.samples;
        if (count == 0 || _avatar.Npc == null)
        {
            return;
        }
        var samples = new float[count];
        _microphone.GetData(samples, _heard); // goes on at the beginning where it ends
        _heard = end;
        _voice.Say(samples, 0, count);
    }

    static void Light()
    {
        if (Camera.main == null)
        {
            var eye = new GameObject("Camera") { tag = "MainCamera" };
            eye.AddComponent<Camera>();
            eye.AddComponent<AudioListener>();
            eye.transform.position = new Vector3(0, 1.3f, 2.2f);
            eye.transform.LookAt(new Vector3(0, 1.1f, 0));
        }
        var sun = new GameObject("Light").AddComponent<Light>();
        sun.type = LightType.Directional;
        sun.transform.LookAt(new Vector3(-1, -2, -2));
    }
}
