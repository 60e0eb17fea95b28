// What a game tells its characters, from Blueprints and from C++. Calls never wait; they are false
// where no source has this stream, or too much waits to be sent.
#pragma once

#include "CoreMinimal.h"
#include "Subsystems/EngineSubsystem.h"

#include "UmoSpeechSubsystem.generated.h"

class FUmoLiveLinkSource;

namespace umo
{
	class Session;
}

UCLASS()
class UMOLIVELINK_API UUmoSpeechSubsystem : public UEngineSubsystem
{
	GENERATED_BODY()

public:
	/** Speech of a segment, in pieces of any length: int16 mono, little endian. Segments count from 1;
	 *  a new number begins the next one. */
	UFUNCTION(BlueprintCallable, Category = "UMo")
	bool Say(const FString& Stream, int32 Segment, const TArray<uint8>& Samples);

	/** No more speech of this segment. */
	UFUNCTION(BlueprintCallable, Category = "UMo")
	bool End(const FString& Stream, int32 Segment);

	/** The words of a segment, for gestures; best told before its speech. */
	UFUNCTION(BlueprintCallable, Category = "UMo")
	bool Tell(const FString& Stream, int32 Segment, const TArray<FString>& Words);

	/** Where the speech of a segment is being heard now; ten times a second or more. */
	UFUNCTION(BlueprintCallable, Category = "UMo")
	bool Playback(const FString& Stream, int32 Segment, float Seconds);

	/** Interrupt: what was not heard yet is forgotten. */
	UFUNCTION(BlueprintCallable, Category = "UMo")
	bool Interrupt(const FString& Stream);

	/** neutral, joy, anger or sadness, 0 to 1. */
	UFUNCTION(BlueprintCallable, Category = "UMo")
	bool Feel(const FString& Stream, const FString& Emotion, float Intensity = 1.0f);

	/** Where to look: degrees to its left and up. */
	UFUNCTION(BlueprintCallable, Category = "UMo")
	bool LookAt(const FString& Stream, float YawLeft, float PitchUp);

	/** A source has begun; game thread. */
	void Add(const TSharedRef<FUmoLiveLinkSource>& Source);

private:
	bool WithEach(TFunctionRef<bool(umo::Session&)> Told);

	TArray<TWeakPtr<FUmoLiveLinkSource>> Sources;
};
