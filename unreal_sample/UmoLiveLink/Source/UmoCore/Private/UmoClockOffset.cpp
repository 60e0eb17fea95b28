#include "UmoClockOffset.h"

#include <algorithm>
#include <cmath>

namespace umo {
namespace {

constexpr double kSlew = 0.005;  // of the time that passes
constexpr double kNewS = 0.25;  // further off is another time

}  // namespace

void ClockOffset::note(double stream_s, double local_s, double round_trip_s) {
    delays_s_[num_noted_ % kRemembered] = local_s - stream_s;
    const auto used = delays_s_.begin() + static_cast<std::ptrdiff_t>(
        std::min(num_noted_ + 1, kRemembered));
    const double target_s = *std::min_element(delays_s_.begin(), used) - round_trip_s / 2;
    const double error_s = target_s - offset_s_;
    const double most_s = kSlew * std::max(0.0, local_s - noted_s_);
    const bool is_new = num_noted_ == 0 || std::abs(error_s) > kNewS;
    offset_s_ += is_new ? error_s : std::clamp(error_s, -most_s, most_s);
    noted_s_ = local_s;
    ++num_noted_;
}

}  // namespace umo
