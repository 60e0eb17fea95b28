using UnityEditor;
using UnityEngine;

namespace Umo.Editor
{
    /// <summary>Shows how the connection is and which bones were found.</summary>
    [CustomEditor(typeof(UmoAvatar))]
    public sealed class UmoAvatarEditor : UnityEditor.Editor
    {
        /// <inheritdoc/>
        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            var avatar = (UmoAvatar)target;
            if (Application.isPlaying)
            {
                EditorGUILayout.HelpBox(avatar.Status + "\n" + avatar.Report, MessageType.Info);
            }
        }

        /// <inheritdoc/>
        public override bool RequiresConstantRepaint()
        {
            return Application.isPlaying;
        }
    }
}
