#include "UmoRoundTrip.h"

#include <algorithm>

namespace umo {

std::uint32_t RoundTrip::ping(double now_s) {
    sent_s_[num_pings_ % kRemembered] = now_s;
    return num_pings_++;
}

void RoundTrip::pong(std::uint32_t number, double now_s) {
    if (num_pings_ - number - 1 >= std::min(num_pings_, kRemembered)) return;
    took_s_[num_pongs_ % kRemembered] = now_s - sent_s_[number % kRemembered];
    ++num_pongs_;
}

double RoundTrip::least_s() const {
    const auto* end = took_s_.data() + std::min(num_pongs_, kRemembered);
    return is_known() ? *std::min_element(took_s_.data(), end) : 0;
}

}  // namespace umo
