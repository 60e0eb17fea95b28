// A server's characters as Live Link subjects. The session's thread pushes; the game thread only
// starts it, asks for its state and ends it.
#pragma once

#include <set>
#include <string>

#include "CoreMinimal.h"
#include "ILiveLinkSource.h"

#include "UmoSession.h"

class UUmoLiveLinkSettings;

class UMOLIVELINK_API FUmoLiveLinkSource
	: public ILiveLinkSource
	, public TSharedFromThis<FUmoLiveLinkSource>
	, private umo::Listener
{
public:
	explicit FUmoLiveLinkSource(const UUmoLiveLinkSettings& Settings);
	virtual ~FUmoLiveLinkSource() override;

	umo::Session& GetSession() { return Session; }

	virtual void ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid) override;
	virtual bool IsSourceStillValid() const override;
	virtual bool RequestSourceShutdown() override;
	virtual FText GetSourceType() const override;
	virtual FText GetSourceMachineName() const override;
	virtual FText GetSourceStatus() const override;

private:
	virtual void on_pose(std::string_view Stream, const umo::Frame& Frame, double SourceSeconds) override;
	virtual void on_refused(std::string_view Stream, std::string_view Code, std::string_view Reason) override;
	virtual void on_link(umo::Link Link, std::string_view Why) override;

	void PushStatic(const FLiveLinkSubjectKey& Body, const FLiveLinkSubjectKey& Face);

	ILiveLinkClient* Client = nullptr;
	FGuid SourceGuid;
	FString Url;
	std::set<std::string, std::less<>> Known; // streams whose static data was pushed; of the thread

	mutable FCriticalSection StatusLock;
	FString Status;

	umo::Session Session; // last: its thread must end before anything else here does
};
