// Between a stream's own time and the local clock.
//
// The least delay that was seen lately is the network at its best: later arrivals are jitter. The
// offset follows it slowly, so that time never jumps for a few milliseconds, and at once where the
// stream has begun anew.
#pragma once

#include <array>
#include <cstddef>

#include "UmoExport.h"

namespace umo {

class UMOCORE_API ClockOffset {
public:
    // What is of `stream_s` came at `local_s`; `round_trip_s` is the least that was measured.
    void note(double stream_s, double local_s, double round_trip_s);
    void reset() { *this = ClockOffset(); }

    bool is_known() const { return num_noted_ > 0; }
    // When what is of a time of the stream was sent, in local time.
    double local_s(double stream_s) const { return stream_s + offset_s_; }

private:
    static constexpr std::size_t kRemembered = 64;  // two seconds of frames

    std::array<double, kRemembered> delays_s_{};
    std::size_t num_noted_ = 0;
    double offset_s_ = 0;
    double noted_s_ = 0;
};

}  // namespace umo
