// The entry "UMo" of Live Link's menu of sources. What it connects to stands in the project settings.
#pragma once

#include "LiveLinkSourceFactory.h"

#include "UmoLiveLinkSourceFactory.generated.h"

UCLASS()
class UMOLIVELINK_API UUmoLiveLinkSourceFactory : public ULiveLinkSourceFactory
{
	GENERATED_BODY()

public:
	virtual FText GetSourceDisplayName() const override;
	virtual FText GetSourceTooltip() const override;
	virtual EMenuType GetMenuType() const override { return EMenuType::MenuEntry; }
	virtual TSharedPtr<ILiveLinkSource> CreateSource(const FString& ConnectionString) const override;
};
