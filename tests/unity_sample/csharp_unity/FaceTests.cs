using System;
using System.Collections.Generic;
using UnityEngine;

namespace Umo.Tests
{
    static class FaceTests
    {
        public static void AddTo(Dictionary<string, Action<string[]>> tests)
        {
            tests["face_report_without_playing"] = _ => Report();
        }

        /// <summary>A mesh below an object, with blendshapes.</summary>
        public static SkinnedMeshRenderer Mesh(GameObject root, IEnumerable<string> shapes)
        {
            var mesh = new GameObject("mesh");
            mesh.transform.SetParent(root.transform, false);
            var renderer = mesh.AddComponent<SkinnedMeshRenderer>();
            renderer.sharedMesh = new Mesh();
            renderer.sharedMesh.Shapes.AddRange(shapes);
            return renderer;
        }

        static void Report()
        {
            var root = new GameObject("model");
            Mesh(root, new[] { "JawOpen", "EyeBlink_L", "Hat" });
            Mesh(root, new string[0]);
            new GameObject("empty").transform.SetParent(root.transform, false);
            root.transform.GetChild(2).gameObject.AddComponent<SkinnedMeshRenderer>(); // without a mesh
            string report = root.AddComponent<UmoFace>().Report();
            Check.True(report.StartsWith("2 of 52 ARKit blendshapes found\nnot found: eyeLookDownLeft, "), report);
            Check.True(report.EndsWith("\nof the meshes, not used: Hat"), report);
        }
    }
}
