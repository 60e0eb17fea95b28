using UnrealBuildTool;

public class UmoLiveLink : ModuleRules
{
	public UmoLiveLink(ReadOnlyTargetRules Target) : base(Target)
	{
		PCHUsage = PCHUsageMode.UseExplicitOrSharedPCHs;
		PublicDependencyModuleNames.AddRange(new[]
		{
			"Core", "CoreUObject", "Engine", "DeveloperSettings", "LiveLinkInterface", "UmoCore"
		});
	}
}
