// How long a message to the server and back takes: the least of the last pings.
#pragma once

#include <array>
#include <cstdint>

#include "UmoExport.h"

namespace umo {

class UMOCORE_API RoundTrip {
public:
    // The number of a ping that is sent now.
    std::uint32_t ping(double now_s);
    // The answer to a ping; one that nobody has sent, or too late, means nothing.
    void pong(std::uint32_t number, double now_s);

    bool is_known() const { return num_pongs_ > 0; }
    double least_s() const;  // 0 before the first answer

private:
    static constexpr std::uint32_t kRemembered = 8;

    std::array<double, kRemembered> sent_s_{};
    std::array<double, kRemembered> took_s_{};
    std::uint32_t num_pings_ = 0;
    std::uint32_t num_pongs_ = 0;
};

}  // namespace umo
