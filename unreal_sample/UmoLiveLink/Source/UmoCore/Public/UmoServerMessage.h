// What a server says: flat records, one type at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "UmoExport.h"

namespace umo {

// Fields that the type does not have keep their defaults.
struct UMOCORE_API ServerMessage {
    enum class Type {
        welcome, moved, opened, frame, ended, cleared, closed, pong, stats, notice, refusal
    };

    Type type = Type::pong;
    std::string stream;
    std::uint32_t segment = 0;
    std::uint32_t index = 0;
    std::uint32_t number = 0;
    double pts_s = 0;
    double duration_s = 0;
    std::string_view payload;  // of a frame; lives as long as the bytes

    std::string server;
    std::uint32_t max_streams = 0;
    std::uint32_t max_message_bytes = 0;
    double timeout_s = 0;
    std::vector<std::string> bones;
    std::vector<std::string> blendshapes;

    std::string url;
    std::string code;
    std::string reason;
    std::uint32_t frames = 0;
    double audio_s = 0;
    std::uint32_t underruns = 0;
    double late_s = 0;
    std::uint32_t skipped = 0;
    std::uint32_t fps = 0;

    // Read a message. Returns the protocol's code of what is wrong with it: `size`, `magic`,
    // `version`, `record`, `type`, `field`, `value` or `payload`; empty where nothing is.
    std::string_view decode(std::string_view bytes);
};

}  // namespace umo
