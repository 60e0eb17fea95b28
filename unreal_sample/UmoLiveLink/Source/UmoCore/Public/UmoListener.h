// Who hears what a session receives. All calls come from the session's thread and hold it up: they
// must be short and must not stop the session.
#pragma once

#include <cstdint>
#include <string_view>

#include "UmoExport.h"
#include "UmoFrame.h"

namespace umo {

enum class Link { looking, joined };  // for a server, to one

class UMOCORE_API Listener {
public:
    virtual ~Listener() = default;

    // A pose is shown now. `source_s` is the time it belongs to, by the session's clock.
    virtual void on_pose(std::string_view stream, const Frame& frame, double source_s) = 0;
    // The last frame of a segment has come, though it may wait for its time still.
    virtual void on_ended(std::string_view, std::uint32_t /*segment*/, double /*duration_s*/) {}
    // An interruption took place; what waited is gone.
    virtual void on_cleared(std::string_view, std::uint32_t /*segment*/) {}
    // The server does not do something; `stream` may be empty.
    virtual void on_refused(std::string_view /*stream*/, std::string_view /*code*/,
                            std::string_view /*reason*/) {}
    // `why` says why there is no server.
    virtual void on_link(Link, std::string_view /*why*/) {}
};

}  // namespace umo
