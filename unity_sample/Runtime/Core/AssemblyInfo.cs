using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Umo.Core.Tests")]
[assembly: InternalsVisibleTo("Umo.Unity.Tests")]
