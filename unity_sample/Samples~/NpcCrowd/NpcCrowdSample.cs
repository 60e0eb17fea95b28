using Umo;
using UnityEngine;

/// <summary>Characters in rows who all speak, each in its own time.</summary>
/// <remarks>Put it on an empty object and press play. Without clips they hum.</remarks>
public sealed class NpcCrowdSample : MonoBehaviour
{
    [SerializeField, Tooltip("None: `umo serve` on this machine.")] UmoConnection connection;
    [SerializeField, Tooltip("A model; none: figures of blocks.")] GameObject model;
    [SerializeField] AudioClip[] clips = new AudioClip[0];
    [SerializeField, Range(1, 200)] int count = 16;
    UmoSpawner _spawner;

    void Start()
    {
        connection = connection != null ? connection : UmoConnection.Create("tcp://127.0.0.1:7601");
        if (model == null)
        {
            model = BlockFigure.Create(null).gameObject;
            model.SetActive(false); // it is only copied
        }
        clips = clips.Length > 0 ? clips : new[] { Hum(110), Hum(160), Hum(220) };
        _spawner = gameObject.AddComponent<UmoSpawner>();
        _spawner.Configure(connection, model, count);
    }

    void Update()
    {
        foreach (UmoAvatar each in _spawner.Spawned)
        {
            UmoVoice voice = each.GetComponent<UmoVoice>();
            voice = voice != null ? voice : each.gameObject.AddComponent<UmoVoice>();
            voice.GetComponent<AudioSource>().spatialBlend = 1;
            if (!voice.IsSpeaking && each.Npc != null && Random.value < 0.5f * Time.deltaTime)
            {
                voice.Say(clips[Random.Range(0, clips.Length)]);
            }
        }
    }

    /// <summary>Three seconds of a buzz with the rhythm of syllables.</summary>
    static AudioClip Hum(int pitchHz)
    {
        const int rate = 24000;
        var samples = new float[3 * rate];
        for (int n = 0; n < samples.Length; n++)
        {
            float seconds = (float)n / rate, syllable = Mathf.Max(0, Mathf.Sin(25 * seconds));
            samples[n] = 0.2f * syllable * (2 * (seconds * pitchHz % 1) - 1);
        }
        AudioClip clip = AudioClip.Create("hum", samples.Length, 1, rate, false);
        clip.SetData(samples, 0);
        return clip;
    }
}
