#include "UmoLiveLinkSource.h"

#include "Engine/Engine.h"
#include "HAL/PlatformTime.h"
#include "ILiveLinkClient.h"
#include "Misc/ScopeLock.h"
#include "Roles/LiveLinkAnimationRole.h"
#include "Roles/LiveLinkAnimationTypes.h"
#include "Roles/LiveLinkBasicRole.h"
#include "Roles/LiveLinkBasicTypes.h"

#include "UmoLiveLinkSettings.h"
#include "UmoSpeechSubsystem.h"
#include "UmoUnrealSpace.h"

DEFINE_LOG_CATEGORY_STATIC(LogUmoLiveLink, Log, All);

namespace
{
	const FFrameRate StreamRate(30, 1);

	FString ToString(std::string_view Text)
	{
		return FString(UTF8_TO_TCHAR(std::string(Text).c_str()));
	}

	std::string ToUtf8(const FString& Text)
	{
		return std::string(TCHAR_TO_UTF8(*Text));
	}

	umo::SessionOptions ToOptions(const UUmoLiveLinkSettings& Settings)
	{
		umo::SessionOptions Options;
		Options.url = ToUtf8(Settings.Url);
		Options.token = ToUtf8(Settings.Token);
		Options.now_s = [] { return FPlatformTime::Seconds(); };
		return Options;
	}

	TArray<FName> CurveNames()
	{
		TArray<FName> Names;
		for (const std::string_view Name : umo::kBlendshapes)
		{
			Names.Add(FName(*ToString(Name)));
		}
		return Names;
	}

	FVector ToVector(const umo::Vector3& Metres)
	{
		const umo::Vector3 Position = umo::to_unreal_position(Metres);
		return FVector(Position[0], Position[1], Position[2]);
	}

	FTransform ToTransform(const umo::Frame& Frame, std::size_t Bone)
	{
		const umo::Quaternion Rotation = umo::to_unreal_rotation(Frame.rotations[Bone]);
		const bool bIsRoot = umo::kSkeleton[Bone].parent < 0;
		return FTransform(
			FQuat(Rotation[0], Rotation[1], Rotation[2], Rotation[3]).GetNormalized(),
			ToVector(bIsRoot ? Frame.hips_m : umo::kSkeleton[Bone].offset_m));
	}

	// What the body and the face have in common.
	void Fill(FLiveLinkBaseFrameData& Data, const umo::Frame& Frame, double SourceSeconds)
	{
		Data.WorldTime = FLiveLinkWorldTime(SourceSeconds);
		Data.MetaData.SceneTime = FQualifiedFrameTime(FFrameTime(FFrameNumber(int32(Frame.index))), StreamRate);
		Data.PropertyValues.Append(Frame.blendshapes.data(), int32(umo::kNumBlendshapes));
	}
}

FUmoLiveLinkSource::FUmoLiveLinkSource(const UUmoLiveLinkSettings& Settings)
	: Url(Settings.Url)
	, Session(ToOptions(Settings), *this)
{
	const umo::Pace Pace = Settings.bAudioIsPlayhead ? umo::Pace::playhead : umo::Pace::automatic;
	for (const FString& Stream : Settings.Streams)
	{
		umo::Opening Opening;
		Opening.stream = ToUtf8(Stream);
		Opening.rate_hz = uint32(Settings.RateHz);
		Session.open(Opening, Pace);
	}
}

FUmoLiveLinkSource::~FUmoLiveLinkSource()
{
	Session.stop();
}

void FUmoLiveLinkSource::ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid)
{
	Client = InClient;
	SourceGuid = InSourceGuid;
	if (!Session.start())
	{
		on_link(umo::Link::looking, "the address is none; example: tcp://127.0.0.1:7601");
	}
	if (UUmoSpeechSubsystem* Speech = GEngine ? GEngine->GetEngineSubsystem<UUmoSpeechSubsystem>() : nullptr)
	{
		Speech->Add(AsShared());
	}
}

bool FUmoLiveLinkSource::IsSourceStillValid() const
{
	return Client != nullptr; // also without a server: the status says why
}

bool FUmoLiveLinkSource::RequestSourceShutdown()
{
	Session.request_stop();
	if (Session.is_running())
	{
		return false; // Live Link asks again; the game thread does not wait
	}
	Session.stop();
	Client = nullptr;
	return true;
}

FText FUmoLiveLinkSource::GetSourceType() const
{
	return NSLOCTEXT("UmoLiveLink", "Type", "UMo");
}

FText FUmoLiveLinkSource::GetSourceMachineName() const
{
	return FText::FromString(Url);
}

FText FUmoLiveLinkSource::GetSourceStatus() const
{
	FScopeLock Lock(&StatusLock);
	return FText::FromString(Status);
}

void FUmoLiveLinkSource::on_pose(std::string_view Stream, const umo::Frame& Frame, double SourceSeconds)
{
	const FString Name = ToString(Stream);
	const FLiveLinkSubjectKey Body(SourceGuid, FName(*Name));
	const FLiveLinkSubjectKey Face(SourceGuid, FName(*(Name + TEXT("_Face"))));
	if (Known.insert(std::string(Stream)).second)
	{
		PushStatic(Body, Face);
	}

	FLiveLinkFrameDataStruct BodyStruct(FLiveLinkAnimationFrameData::StaticStruct());
	FLiveLinkAnimationFrameData& BodyData = *BodyStruct.Cast<FLiveLinkAnimationFrameData>();
	Fill(BodyData, Frame, SourceSeconds);
	BodyData.Transforms.Reserve(int32(umo::kNumBones));
	for (std::size_t Bone = 0; Bone < umo::kNumBones; ++Bone)
	{
		BodyData.Transforms.Add(ToTransform(Frame, Bone));
	}
	Client->PushSubjectFrameData_AnyThread(Body, MoveTemp(BodyStruct));

	FLiveLinkFrameDataStruct FaceStruct(FLiveLinkBaseFrameData::StaticStruct());
	Fill(*FaceStruct.Cast<FLiveLinkBaseFrameData>(), Frame, SourceSeconds);
	Client->PushSubjectFrameData_AnyThread(Face, MoveTemp(FaceStruct));
}

void FUmoLiveLinkSource::PushStatic(const FLiveLinkSubjectKey& Body, const FLiveLinkSubjectKey& Face)
{
	FLiveLinkStaticDataStruct BodyStruct(FLiveLinkSkeletonStaticData::StaticStruct());
	FLiveLinkSkeletonStaticData& BodyData = *BodyStruct.Cast<FLiveLinkSkeletonStaticData>();
	BodyData.PropertyNames = CurveNames();
	for (const umo::Bone& Bone : umo::kSkeleton)
	{
		BodyData.BoneNames.Add(FName(*ToString(Bone.name)));
		BodyData.BoneParents.Add(Bone.parent);
	}
	Client->PushSubjectStaticData_AnyThread(Body, ULiveLinkAnimationRole::StaticClass(), MoveTemp(BodyStruct));

	FLiveLinkStaticDataStruct FaceStruct(FLiveLinkBaseStaticData::StaticStruct());
	FaceStruct.Cast<FLiveLinkBaseStaticData>()->PropertyNames = CurveNames();
	Client->PushSubjectStaticData_AnyThread(Face, ULiveLinkBasicRole::StaticClass(), MoveTemp(FaceStruct));
}

void FUmoLiveLinkSource::on_refused(std::string_view Stream, std::string_view Code, std::string_view Reason)
{
	UE_LOG(LogUmoLiveLink, Warning, TEXT("%s '%s': %s (%s)"), *Url, *ToString(Stream), *ToString(Reason), *ToString(Code));
}

void FUmoLiveLinkSource::on_link(umo::Link Link, std::string_view Why)
{
	const bool bIsJoined = Link == umo::Link::joined;
	FScopeLock Lock(&StatusLock);
	Status = bIsJoined ? TEXT("Active") : TEXT("Connecting");
	if (!bIsJoined && !Why.empty())
	{
		Status += TEXT(": ") + ToString(Why);
	}
}
