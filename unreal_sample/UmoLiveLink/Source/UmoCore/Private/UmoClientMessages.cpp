#include "UmoClientMessages.h"

#include <utility>

#include "UmoMessagePackWriter.h"

namespace umo {
namespace {

constexpr std::size_t kMaxRecordBytes = 0xFFFF;

// "UMO", the version, the length of the record, the record, the payload.
std::string framed(const MessagePackWriter& record, std::string_view payload = {}) {
    const std::size_t length = record.bytes().size();
    if (length > kMaxRecordBytes || length + payload.size() + 6 > kMaxMessageBytes) return {};
    std::string message("UMO\1");
    message += static_cast<char>(length);
    message += static_cast<char>(length >> 8);
    message += record.bytes();
    message += payload;
    return message;
}

MessagePackWriter begun(std::string_view type, std::size_t num_fields) {
    MessagePackWriter record;
    record.map(1 + num_fields);
    record.text("type");
    record.text(type);
    return record;
}

MessagePackWriter about(std::string_view type, std::string_view stream, std::size_t more = 0) {
    MessagePackWriter record = begun(type, 1 + more);
    record.text("stream");
    record.text(stream);
    return record;
}

MessagePackWriter about_segment(std::string_view type, std::string_view stream,
                                std::uint32_t segment, std::size_t more = 0) {
    MessagePackWriter record = about(type, stream, 1 + more);
    record.text("segment");
    record.integer(segment);
    return record;
}

}  // namespace

std::string hello_message(std::string_view client, std::string_view token) {
    MessagePackWriter record = begun("hello", 2);
    record.text("client");
    record.text(client);
    record.text("token");
    record.text(token);
    return framed(record);
}

std::string open_message(const Opening& opening) {
    MessagePackWriter record = about("open", opening.stream, opening.seed ? 4 : 3);
    record.text("rate_hz");
    record.integer(opening.rate_hz);
    record.text("format");
    record.text(opening.is_float ? "f32" : "s16");
    if (opening.seed) {
        record.text("seed");
        record.integer(*opening.seed);
    }
    record.text("paced");
    record.boolean(opening.is_paced);
    return framed(record);
}

std::string stand_message(std::string_view stream, std::uint32_t shown, double ahead_s,
                          std::string_view pose) {
    MessagePackWriter record = about("stand", stream, 2);
    record.text("shown");
    record.integer(shown);
    record.text("ahead_s");
    record.real(ahead_s);
    return framed(record, pose);
}

std::string audio_message(std::string_view stream, std::uint32_t segment,
                          std::string_view samples) {
    return framed(about_segment("audio", stream, segment), samples);
}

std::string end_message(std::string_view stream, std::uint32_t segment) {
    return framed(about_segment("end", stream, segment));
}

std::string text_message(std::string_view stream, std::uint32_t segment,
                         const std::vector<std::string>& words,
                         const std::vector<double>& times_s) {
    MessagePackWriter record = about_segment("text", stream, segment, 2);
    record.text("words");
    record.texts(words);
    record.text("times_s");
    record.reals(times_s);
    return framed(record);
}

std::string control_message(std::string_view stream, const Direction& told) {
    const std::size_t num_told = !!told.calmness + !!told.emotion + !!told.intensity +
                                 !!told.state + !!told.gaze_deg;
    MessagePackWriter record = about("control", stream, num_told);
    const auto real = [&record](std::string_view name, const std::optional<double>& value) {
        if (value) record.text(name), record.real(*value);
    };
    const auto text = [&record](std::string_view name, const std::optional<std::string>& value) {
        if (value) record.text(name), record.text(*value);
    };
    real("calmness", told.calmness);
    text("emotion", told.emotion);
    real("intensity", told.intensity);
    text("state", told.state);
    if (told.gaze_deg) record.text("gaze_deg"), record.reals(*told.gaze_deg);
    return framed(record);
}

std::string clear_message(std::string_view stream) { return framed(about("clear", stream)); }

std::string playback_message(std::string_view stream, std::uint32_t segment, double position_s) {
    MessagePackWriter record = about_segment("playback", stream, segment, 1);
    record.text("position_s");
    record.real(position_s);
    return framed(record);
}

std::string close_message(std::string_view stream) { return framed(about("close", stream)); }

std::string ping_message(std::uint32_t number) {
    MessagePackWriter record = begun("ping", 1);
    record.text("number");
    record.integer(number);
    return framed(record);
}

std::string stats_message(std::string_view stream) { return framed(about("stats?", stream)); }

}  // namespace umo
