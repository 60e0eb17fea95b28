using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Umo.Unity.Tests")]
