#include "UmoLiveLinkSourceFactory.h"

#include "UmoLiveLinkSettings.h"
#include "UmoLiveLinkSource.h"

FText UUmoLiveLinkSourceFactory::GetSourceDisplayName() const
{
	return NSLOCTEXT("UmoLiveLink", "Name", "UMo");
}

FText UUmoLiveLinkSourceFactory::GetSourceTooltip() const
{
	return NSLOCTEXT("UmoLiveLink", "Tooltip", "Characters of umo serve; see Project Settings > Plugins > UMo Live Link");
}

TSharedPtr<ILiveLinkSource> UUmoLiveLinkSourceFactory::CreateSource(const FString& ConnectionString) const
{
	return MakeShared<FUmoLiveLinkSource>(*GetDefault<UUmoLiveLinkSettings>());
}
