using UnrealBuildTool;

// The engine-free core: standard C++17 and sockets. It is tested without an engine, so nothing of the
// engine's is put in front of its files.
public class UmoCore : ModuleRules
{
	public UmoCore(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.NoPCHs;
		bUseUnity = false;
		PrivateDependencyModuleNames.Add("Core");
		if (Target.Platform == UnrealTargetPlatform.Win64)
		{
			PublicSystemLibraries.Add("ws2_32.lib");
		}
	}
}
