// A listener that remembers what it hears, and waits for it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "UmoListener.h"
#include "UmoSession.h"
#include "check.h"

namespace live {

struct Heard {
    std::vector<double> shown_s;  // when poses were shown, by the local clock
    std::vector<double> source_s;  // what they say
    std::vector<std::uint32_t> indices;
    std::map<std::uint32_t, std::vector<double>> pts_s;  // by segment
    std::map<std::uint32_t, double> ended_s;  // durations by segment
    std::vector<std::uint32_t> cleared;
    double mouth = 0;  // the widest that the jaw was open
};

class Recorder : public umo::Listener {
public:
    void on_pose(std::string_view stream, const umo::Frame& frame, double source_s) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        Heard& heard = streams_[std::string(stream)];
        heard.shown_s.push_back(umo::monotonic_s());
        heard.source_s.push_back(source_s);
        heard.indices.push_back(frame.index);
        heard.pts_s[frame.segment].push_back(frame.pts_s);
        heard.mouth = std::max<double>(heard.mouth, frame.blendshapes[17]);
        changed_.notify_all();
    }
    void on_ended(std::string_view stream, std::uint32_t segment, double duration_s) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        streams_[std::string(stream)].ended_s[segment] = duration_s;
        changed_.notify_all();
    }
    void on_cleared(std::string_view stream, std::uint32_t segment) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        streams_[std::string(stream)].cleared.push_back(segment);
        changed_.notify_all();
    }
    void on_refused(std::string_view stream, std::string_view code,
                    std::string_view reason) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        refusals_.emplace_back(std::string(stream) + ":" + std::string(code));
        std::fprintf(stderr, "refused %s: %.*s\n", refusals_.back().c_str(),
                     static_cast<int>(reason.size()), reason.data());
        changed_.notify_all();
    }
    void on_link(umo::Link link, std::string_view why) override {
        const std::lock_guard<std::mutex> lock(mutex_);
        num_joined_ += link == umo::Link::joined;
        num_lost_ += link == umo::Link::looking && !why.empty();
        changed_.notify_all();
    }

    // Wait for what must come; a failed check where it does not.
    bool wait(const char* what, const std::function<bool(Recorder&)>& is_so, double most_s = 20) {
        std::unique_lock<std::mutex> lock(mutex_);
        const auto most = std::chrono::duration<double>(most_s);
        const bool has_come = changed_.wait_for(lock, most, [&] { return is_so(*this); });
        return check::that(has_come, what, __FILE__, __LINE__);
    }
    // What was heard of a stream so far.
    Heard heard(const std::string& stream) {
        const std::lock_guard<std::mutex> lock(mutex_);
        return streams_[stream];
    }

    // Inside of `wait` only.
    Heard& of(const std::string& stream) { return streams_[stream]; }
    bool was_refused(const std::string& refusal) const {
        for (const std::string& each : refusals_) {
            if (each == refusal) return true;
        }
        return false;
    }
    int num_joined() const { return num_joined_; }
    int num_lost() const { return num_lost_; }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, Heard> streams_;
    std::vector<std::string> refusals_;
    int num_joined_ = 0, num_lost_ = 0;
};

}  // namespace live
