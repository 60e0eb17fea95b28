// What a client says, as bytes; none where they do not fit a message. docs/wire_protocol.md of the
// project says what each message means.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "UmoExport.h"

namespace umo {

constexpr std::size_t kMaxMessageBytes = std::size_t{1} << 20;

// How a character is brought to life.
struct Opening {
    std::string stream;  // 1 to 64 printable characters
    std::uint32_t rate_hz = 16000;  // of its audio, 8000 to 192000
    bool is_float = false;  // samples are float32 in -1..1; else int16
    std::optional<std::uint32_t> seed;  // same seed, same motion; from the name by default
    bool is_paced = false;  // frames come when they are due, for who has no audio clock

    std::size_t bytes_per_sample() const { return is_float ? 4 : 2; }
};

// What a character is told from now on; what is left out stays as it was.
struct Direction {
    std::optional<double> calmness;  // 0 still .. 1 lively
    std::optional<std::string> emotion;  // neutral, joy, anger, sadness
    std::optional<double> intensity;  // 0..1
    std::optional<std::string> state;  // speaking, listening, idle
    std::optional<std::vector<double>> gaze_deg;  // yaw left and pitch up; empty: look around
};

UMOCORE_API std::string hello_message(std::string_view client, std::string_view token);
UMOCORE_API std::string open_message(const Opening& opening);
// Begin where the character stood elsewhere: `pose` is the payload of its last frame, `shown` frames
// of the audio that follows were shown there, and the next one is due in `ahead_s`.
UMOCORE_API std::string stand_message(std::string_view stream, std::uint32_t shown, double ahead_s,
                                      std::string_view pose);
UMOCORE_API std::string audio_message(std::string_view stream, std::uint32_t segment,
                                      std::string_view samples);
UMOCORE_API std::string end_message(std::string_view stream, std::uint32_t segment);
UMOCORE_API std::string text_message(std::string_view stream, std::uint32_t segment,
                                     const std::vector<std::string>& words,
                                     const std::vector<double>& times_s);
UMOCORE_API std::string control_message(std::string_view stream, const Direction& direction);
UMOCORE_API std::string clear_message(std::string_view stream);
UMOCORE_API std::string playback_message(std::string_view stream, std::uint32_t segment,
                                         double position_s);
UMOCORE_API std::string close_message(std::string_view stream);
UMOCORE_API std::string ping_message(std::uint32_t number);
UMOCORE_API std::string stats_message(std::string_view stream);

}  // namespace umo
