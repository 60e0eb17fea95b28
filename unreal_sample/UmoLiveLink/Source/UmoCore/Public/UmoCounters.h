// What a session has counted since it began. Everything is counted on its thread and read anywhere.
#pragma once

#include <atomic>
#include <cstdint>

namespace umo {

struct Counters {
    std::atomic<std::uint64_t> frames{0};  // that came
    std::atomic<std::uint64_t> shown{0};
    std::atomic<std::uint64_t> late{0};  // came or were looked at when newer ones were due
    std::atomic<std::uint64_t> bad_messages{0};  // dropped: no message, or no pose
    std::atomic<std::uint64_t> dropped{0};  // frames and audio without room
    std::atomic<std::uint64_t> links{0};  // times that a server said welcome
    std::atomic<std::uint32_t> round_trip_us{0};  // the least lately
};

}  // namespace umo
