#include "UmoSpoken.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace umo {
namespace {

constexpr double kMostAudioS = 600;  // that waits: a server takes no more
constexpr double kMostTimeS = 1e6;
constexpr int kMostShown = 4;  // frames whose audio is said again
constexpr std::size_t kPartBytes = std::size_t{1} << 18;

template <typename Value>
void replace(std::optional<Value>& kept, const std::optional<Value>& told) {
    if (told) kept = told;
}

}  // namespace

bool Spoken::audio(std::uint32_t segment, std::string_view samples) {
    std::size_t kept = samples.size();
    for (const auto& [number, each] : segments_) kept += each.kept_bytes;
    if (kept > place_of(kMostAudioS)) return false;
    Segment& spoken = segments_[segment];
    spoken.parts.emplace_back(samples);
    spoken.kept_bytes += samples.size();
    return true;
}

void Spoken::text(std::uint32_t segment, std::vector<std::string> words,
                  std::vector<double> times_s) {
    segments_[segment].texts.push_back({std::move(words), std::move(times_s)});
}

void Spoken::end(std::uint32_t segment) { segments_[segment].is_ended = true; }

void Spoken::direct(const Direction& told) {
    replace(direction_.calmness, told.calmness);
    replace(direction_.emotion, told.emotion);
    replace(direction_.intensity, told.intensity);
    replace(direction_.state, told.state);
    replace(direction_.gaze_deg, told.gaze_deg);
}

bool Spoken::heard(Frame& frame, std::string_view payload) {
    if (const auto found = segments_.find(frame.segment); found != segments_.end()) {
        Segment& segment = found->second;
        frame.pts_s += segment.offset_s;
        if (frame.pts_s < segment.heard_s - kFrameS / 2) {  // of a server without `stand`
            --first_index_;
            return false;
        }
        segment.heard_s = frame.pts_s + kFrameS;
        forget(segment);
    }
    frame.index += first_index_;
    next_index_ = frame.index + 1;
    pose_ = payload;
    return true;
}

double Spoken::ended(std::uint32_t segment, double duration_s) {
    const auto found = segments_.find(segment);
    if (found == segments_.end()) return duration_s;
    duration_s += found->second.offset_s;
    segments_.erase(found);
    return duration_s;
}

void Spoken::cleared(std::uint32_t segment) {
    segments_.erase(segments_.begin(), segments_.upper_bound(segment));
}

double Spoken::server_position_s(std::uint32_t segment, double position_s) const {
    const auto found = segments_.find(segment);
    const double offset_s = found == segments_.end() ? 0 : found->second.offset_s;
    return std::max(0.0, position_s - offset_s);
}

std::vector<std::string> Spoken::again(double ahead_s) {
    first_index_ = next_index_;
    std::vector<std::string> messages = {open_message(opening_)};
    std::uint32_t shown = 0;
    for (auto& [number, segment] : segments_) shown = std::max(shown, begin_again(segment));
    if (!pose_.empty()) {
        const double in_reason_s = std::clamp(ahead_s, 0.0, kMostAudioS);
        messages.push_back(stand_message(opening_.stream, shown, in_reason_s, pose_));
    }
    const Direction& told = direction_;
    if (told.calmness || told.emotion || told.intensity || told.state || told.gaze_deg) {
        messages.push_back(control_message(opening_.stream, told));
    }
    for (const auto& [number, segment] : segments_) say_again(number, segment, messages);
    return messages;
}

// Choose where a segment begins for another server; returns how many frames of it have come.
std::uint32_t Spoken::begin_again(Segment& segment) const {
    const double whole = std::floor(std::clamp(segment.heard_s, 0.0, kMostTimeS) / kFrameS + 0.01);
    auto shown = static_cast<std::uint32_t>(std::min<double>(kMostShown, whole));
    std::size_t place = place_of(segment.heard_s - shown * kFrameS);
    if (place >= segment.end()) {  // it is over to its last frames
        shown = 0;
        place = place_of(segment.heard_s);
    }
    segment.offset_s = static_cast<double>(place) / static_cast<double>(place_of(1));
    return shown;
}

void Spoken::say_again(std::uint32_t number, const Segment& segment,
                       std::vector<std::string>& messages) const {
    text_again(number, segment, messages);
    const std::size_t place = place_of(segment.offset_s);
    std::string audio;
    for (const std::string& part : segment.parts) audio += part;
    audio.erase(0, place - std::min(place, segment.forgotten_bytes));
    for (std::size_t at = 0; at < audio.size(); at += kPartBytes) {
        const std::string_view part = std::string_view(audio).substr(at, kPartBytes);
        messages.push_back(audio_message(opening_.stream, number, part));
    }
    if (!segment.is_ended) return;
    // A segment that is over to its last frames must begin before it can end.
    if (audio.empty()) messages.push_back(audio_message(opening_.stream, number, {}));
    messages.push_back(end_message(opening_.stream, number));
}

// Words that are still to come, at times since where the segment begins now.
void Spoken::text_again(std::uint32_t number, const Segment& segment,
                        std::vector<std::string>& messages) const {
    for (const Text& text : segment.texts) {
        Text later;
        for (std::size_t word = 0; word < text.words.size(); ++word) {
            const bool has_time = word < text.times_s.size();
            const bool is_said = has_time ? text.times_s[word] < segment.offset_s
                                          : segment.offset_s > 0;
            if (is_said) continue;
            later.words.push_back(text.words[word]);
            if (has_time) later.times_s.push_back(text.times_s[word] - segment.offset_s);
        }
        if (later.words.empty()) continue;
        messages.push_back(text_message(opening_.stream, number, later.words, later.times_s));
    }
}

// The byte at which a time of a segment begins.
std::size_t Spoken::place_of(double time_s) const {
    const double in_reason_s = std::clamp(time_s, 0.0, kMostTimeS);  // whatever a server may say
    const auto sample = static_cast<std::size_t>(std::llround(in_reason_s * opening_.rate_hz));
    return sample * opening_.bytes_per_sample();
}

void Spoken::forget(Segment& segment) {
    const std::size_t place = place_of(segment.heard_s - kMostShown * kFrameS);
    std::deque<std::string>& parts = segment.parts;
    while (!parts.empty() && segment.forgotten_bytes + parts.front().size() <= place) {
        segment.forgotten_bytes += parts.front().size();
        segment.kept_bytes -= parts.front().size();
        parts.pop_front();
    }
}

}  // namespace umo
