#include "UmoSpeechSubsystem.h"

#include "UmoLiveLinkSource.h"

namespace
{
	std::string ToUtf8(const FString& Text)
	{
		return std::string(TCHAR_TO_UTF8(*Text));
	}
}

bool UUmoSpeechSubsystem::Say(const FString& Stream, int32 Segment, const TArray<uint8>& Samples)
{
	const std::string_view Bytes(reinterpret_cast<const char*>(Samples.GetData()), std::size_t(Samples.Num()));
	return WithEach([&](umo::Session& Session) { return Session.audio(ToUtf8(Stream), uint32(Segment), Bytes); });
}

bool UUmoSpeechSubsystem::End(const FString& Stream, int32 Segment)
{
	return WithEach([&](umo::Session& Session) { return Session.end(ToUtf8(Stream), uint32(Segment)); });
}

bool UUmoSpeechSubsystem::Tell(const FString& Stream, int32 Segment, const TArray<FString>& Words)
{
	std::vector<std::string> Spoken;
	for (const FString& Word : Words)
	{
		Spoken.push_back(ToUtf8(Word));
	}
	return WithEach([&](umo::Session& Session) { return Session.text(ToUtf8(Stream), uint32(Segment), Spoken); });
}

bool UUmoSpeechSubsystem::Playback(const FString& Stream, int32 Segment, float Seconds)
{
	return WithEach([&](umo::Session& Session) { return Session.playback(ToUtf8(Stream), uint32(Segment), Seconds); });
}

bool UUmoSpeechSubsystem::Interrupt(const FString& Stream)
{
	return WithEach([&](umo::Session& Session) { return Session.clear(ToUtf8(Stream)); });
}

bool UUmoSpeechSubsystem::Feel(const FString& Stream, const FString& Emotion, float Intensity)
{
	umo::Direction Direction;
	Direction.emotion = ToUtf8(Emotion);
	Direction.intensity = Intensity;
	return WithEach([&](umo::Session& Session) { return Session.control(ToUtf8(Stream), Direction); });
}

bool UUmoSpeechSubsystem::LookAt(const FString& Stream, float YawLeft, float PitchUp)
{
	umo::Direction Direction;
	Direction.gaze_deg = std::vector<double>{YawLeft, PitchUp};
	return WithEach([&](umo::Session& Session) { return Session.control(ToUtf8(Stream), Direction); });
}

void UUmoSpeechSubsystem::Add(const TSharedRef<FUmoLiveLinkSource>& Source)
{
	Sources.Add(Source);
}

bool UUmoSpeechSubsystem::WithEach(TFunctionRef<bool(umo::Session&)> Told)
{
	Sources.RemoveAll([](const TWeakPtr<FUmoLiveLinkSource>& Source) { return !Source.IsValid(); });
	bool bWasTold = false;
	for (const TWeakPtr<FUmoLiveLinkSource>& Weak : Sources)
	{
		if (const TSharedPtr<FUmoLiveLinkSource> Source = Weak.Pin())
		{
			bWasTold |= Told(Source->GetSession());
		}
	}
	return bWasTold;
}
