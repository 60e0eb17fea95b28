using UnityEngine;

namespace Umo
{
    /// <summary>Mouth and eyelids of a <see cref="BlockFigure"/>.</summary>
    [DefaultExecutionOrder(12000), AddComponentMenu("")]
    public sealed class BlockFace : MonoBehaviour
    {
        static readonly Vector3 _mouthSize = new Vector3(0.06f, 0.008f, 0.01f), _eyeSize = new Vector3(0.026f, 0.018f, 0.012f);
        [SerializeField] Transform mouth;
        [SerializeField] Transform[] eyes;
        UmoAvatar _avatar;
        int _jaw = -1, _close, _blink;

        internal static void Add(GameObject root, Transform head, Transform left, Transform right)
        {
            var face = root.AddComponent<BlockFace>();
            face.mouth = BlockFigure.Block(head, new Vector3(0, 0.025f, 0.096f), _mouthSize, new Color(0.4f, 0.1f, 0.1f));
            face.eyes = new[]
            {
                BlockFigure.Block(left, new Vector3(0, 0.03f, 0.02f), _eyeSize, Color.black),
                BlockFigure.Block(right, new Vector3(0, 0.03f, 0.02f), _eyeSize, Color.black),
            };
        }

        void OnEnable()
        {
            _avatar = GetComponent<UmoAvatar>();
            _jaw = -1;
        }

        void LateUpdate()
        {
            if (!_avatar.HasPose)
            {
                return;
            }
            if (_jaw < 0)
            {
                _jaw = Find("jawOpen");
                _close = Find("mouthClose");
                _blink = Find("eyeBlinkLeft");
            }
            float open = Mathf.Clamp01(_avatar.Pose.Blendshape(_jaw) - _avatar.Pose.Blendshape(_close));
            mouth.localScale = _mouthSize + new Vector3(0, 0.07f * open, 0);
            foreach (Transform eye in eyes)
            {
                eye.localScale = Vector3.Scale(_eyeSize, new Vector3(1, 1 - 0.9f * _avatar.Pose.Blendshape(_blink), 1));
            }
        }

        int Find(string blendshape)
        {
            int place = 0;
            while (_avatar.Client.Blendshapes[place] != blendshape)
            {
                place++;
            }
            return place;
        }
    }
}
