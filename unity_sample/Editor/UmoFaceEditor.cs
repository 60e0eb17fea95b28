using UnityEditor;

namespace Umo.Editor
{
    /// <summary>Shows which names of blendshapes were found and which were not.</summary>
    [CustomEditor(typeof(UmoFace))]
    public sealed class UmoFaceEditor : UnityEditor.Editor
    {
        string _report;

        /// <inheritdoc/>
        public override void OnInspectorGUI()
        {
            bool isChanged = DrawDefaultInspector();
            _report = _report == null || isChanged ? ((UmoFace)target).Report() : _report;
            EditorGUILayout.HelpBox(_report, MessageType.Info);
        }
    }
}
