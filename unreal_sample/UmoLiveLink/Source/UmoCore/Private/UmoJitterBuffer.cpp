#include "UmoJitterBuffer.h"

#include <algorithm>
#include <limits>

namespace umo {
namespace {

constexpr std::size_t kMostWaiting = 18300;  // ten minutes of speech, which a server takes at most
constexpr std::size_t kMostLiving = 15;  // frames of life behind speech that is played late
constexpr double kMostAheadS = 0.1;  // that a playhead moves on when nobody tells where it is
constexpr double kCatchUp = 0.9;  // of a frame's time, for frames that have waited
constexpr double kNever = std::numeric_limits<double>::infinity();

}  // namespace

void JitterBuffer::push(const Frame& frame, double now_s, double round_trip_s) {
    if (is_live(frame)) {
        clock_.note(frame.index * kFrameS, now_s, round_trip_s);
        if (num_living_ == kMostLiving) {
            waiting_.erase(waiting_.end() - static_cast<std::ptrdiff_t>(num_living_--));
            ++num_dropped_;
        }
        ++num_living_;
    } else {
        num_living_ = 0;
        wait_for(frame, now_s);
    }
    if (waiting_.size() < kMostWaiting) {
        waiting_.push_back({frame, now_s});
    } else {
        num_living_ = 0;
        ++num_dropped_;
    }
}

void JitterBuffer::play(std::uint32_t segment, double position_s, double now_s) {
    if (segment >= playhead_.segment) playhead_ = {segment, now_s - position_s, now_s};
}

void JitterBuffer::clear() {
    waiting_.clear();
    num_living_ = 0;
    clock_.reset();
}

std::optional<JitterBuffer::Due> JitterBuffer::take(double now_s) {
    std::optional<Due> newest;
    while (true) {
        begin();
        if (waiting_.empty()) return newest;
        const double at_s = due_s(waiting_.front().frame, shown_s_);
        if (at_s > now_s) return newest;
        num_late_ += newest.has_value();
        shown_s_ = std::max(at_s, shown_s_);
        newest = Due{waiting_.front().frame, shown_s_};
        waiting_.pop_front();
        num_living_ = std::min(num_living_, waiting_.size());
    }
}

double JitterBuffer::next_s(double now_s) const {
    return waiting_.empty() ? kNever : std::max(now_s, due_s(waiting_.front().frame, shown_s_));
}

double JitterBuffer::ahead_s(double now_s) const {
    if (waiting_.empty()) return 0;
    const double end_s = due_s(waiting_.back().frame, shown_s_) + kFrameS;
    const double many_s = static_cast<double>(waiting_.size()) * kFrameS;
    return end_s < kNever ? std::max(many_s, end_s - now_s) : many_s;
}

// Begin to play the segment that comes next, where nobody else does.
void JitterBuffer::begin() {
    if (pace_ != Pace::automatic || waiting_.empty()) return;
    const auto& [first, came_s] = waiting_.front();
    if (first.segment <= playhead_.segment) return;
    const double start_s = std::max(came_s + start_delay_s_, shown_s_ + kFrameS);
    playhead_ = {first.segment, start_s - first.pts_s, std::nullopt};
}

// Speech that comes late holds up a playhead that is ours, so that it is shown evenly.
void JitterBuffer::wait_for(const Frame& frame, double now_s) {
    if (pace_ != Pace::automatic || frame.segment != playhead_.segment || !waiting_.empty()) return;
    playhead_.began_s = std::max(playhead_.began_s, now_s - frame.pts_s);
}

bool JitterBuffer::is_live(const Frame& frame) const {
    return frame.segment == 0 || pace_ == Pace::server;
}

// When a frame is due behind one that was due at `shown_s`.
double JitterBuffer::due_s(const Frame& frame, double shown_s) const {
    if (is_live(frame)) {
        return std::max(clock_.local_s(frame.index * kFrameS), shown_s + kCatchUp * kFrameS);
    }
    if (frame.segment < playhead_.segment) return shown_s;
    if (frame.segment > playhead_.segment) return kNever;
    const double due = playhead_.began_s + frame.pts_s;
    const bool is_known = !playhead_.told_s || due <= *playhead_.told_s + kMostAheadS;
    return is_known ? due : kNever;
}

}  // namespace umo
