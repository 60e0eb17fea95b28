// Frames that wait for their time, and which of them is shown when.
//
// Frames of a segment are shown where the playhead of their audio is. Frames of mere life, and all
// those of a paced stream, are shown when they are due by the server's clock, behind what waits
// already. Of several that are due only the newest is shown.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>

#include "UmoClockOffset.h"
#include "UmoExport.h"
#include "UmoFrame.h"

namespace umo {

// What moves the playhead of a segment.
enum class Pace {
    automatic,  // the local clock, from `start_delay_s` after its first frame on; late frames stop it
    playhead,  // whoever plays the audio tells it, ten times a second or more
    server,  // the server sends frames when they are due
};

class UMOCORE_API JitterBuffer {
public:
    JitterBuffer(Pace pace, double start_delay_s) : pace_(pace), start_delay_s_(start_delay_s) {}

    void push(const Frame& frame, double now_s, double round_trip_s);
    // The audio of a segment is at this position now.
    void play(std::uint32_t segment, double position_s, double now_s);
    // Throw away what waits: the character was interrupted.
    void clear();
    // Another server goes on with the stream: its times are new, what waits is not.
    void forget_clock() { clock_.reset(); }

    // A frame whose time has come, and when that was.
    struct Due {
        Frame frame;
        double at_s;
    };
    std::optional<Due> take(double now_s);
    // When to look again.
    double next_s(double now_s) const;

    // How long what waits will last.
    double ahead_s(double now_s) const;

    std::size_t size() const { return waiting_.size(); }
    std::size_t num_late() const { return num_late_; }  // were due together with newer ones
    std::size_t num_dropped() const { return num_dropped_; }  // found no room

private:
    struct Playhead {
        std::uint32_t segment = 0;
        double began_s = 0;  // when its audio was at 0
        std::optional<double> told_s;  // when somebody said so
    };

    struct Waiting {
        Frame frame;
        double came_s;
    };

    void begin();
    void wait_for(const Frame& frame, double now_s);
    bool is_live(const Frame& frame) const;
    double due_s(const Frame& frame, double shown_s) const;

    Pace pace_;
    double start_delay_s_;
    std::deque<Waiting> waiting_;
    std::size_t num_living_ = 0;  // at the end of `waiting_`
    Playhead playhead_;
    ClockOffset clock_;
    double shown_s_ = -std::numeric_limits<double>::infinity();  // when the frame that was shown last was due
    std::size_t num_late_ = 0;
    std::size_t num_dropped_ = 0;
};

}  // namespace umo
