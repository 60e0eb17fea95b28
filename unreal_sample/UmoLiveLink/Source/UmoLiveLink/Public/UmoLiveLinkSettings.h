// Project Settings > Plugins > UMo Live Link: what a new Live Link source connects to.
#pragma once

#include "CoreMinimal.h"
#include "Engine/DeveloperSettings.h"

#include "UmoLiveLinkSettings.generated.h"

UCLASS(config = Game, defaultconfig, meta = (DisplayName = "UMo Live Link"))
class UMOLIVELINK_API UUmoLiveLinkSettings : public UDeveloperSettings
{
	GENERATED_BODY()

public:
	virtual FName GetCategoryName() const override { return TEXT("Plugins"); }

	/** Address of `umo serve`: numeric, or localhost. */
	UPROPERTY(config, EditAnywhere, Category = "Server")
	FString Url = TEXT("tcp://127.0.0.1:7601");

	/** The server's secret, where it has one. It is stored in plain text with the project. */
	UPROPERTY(config, EditAnywhere, Category = "Server")
	FString Token;

	/** Characters that are opened: each becomes the subjects NAME (body) and NAME_Face. */
	UPROPERTY(config, EditAnywhere, Category = "Characters")
	TArray<FString> Streams = {TEXT("UMo")};

	/** Rate of the audio that you push, 8000 to 192000; samples are int16. */
	UPROPERTY(config, EditAnywhere, Category = "Characters", meta = (ClampMin = 8000, ClampMax = 192000))
	int32 RateHz = 16000;

	/** You report where the audio is (Playback), ten times a second or more; else speech is shown a
	 *  tenth of a second after it has begun to come. */
	UPROPERTY(config, EditAnywhere, Category = "Characters")
	bool bAudioIsPlayhead = true;
};
