// What a character was told and has not shown yet: said again when the server that had it is gone.
//
// Another server begins in the pose that came last, and each segment anew, with the audio whose
// frames have not come and a little before, to know what it was in the middle of. Its numbers of
// frames and its times are turned into those of the stream and the segments as they were begun.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "UmoClientMessages.h"
#include "UmoExport.h"
#include "UmoFrame.h"

namespace umo {

class UMOCORE_API Spoken {
public:
    explicit Spoken(Opening opening) : opening_(std::move(opening)) {}

    // Keep what is sent. False: there is no room for more audio.
    bool audio(std::uint32_t segment, std::string_view samples);
    void text(std::uint32_t segment, std::vector<std::string> words, std::vector<double> times_s);
    void end(std::uint32_t segment);
    void direct(const Direction& told);
    void clear() { segments_.clear(); }

    // What came, in the times of the stream's own segments. False: it had come before.
    bool heard(Frame& frame, std::string_view payload);
    double ended(std::uint32_t segment, double duration_s);
    void cleared(std::uint32_t segment);
    // A position in a segment, in the server's times.
    double server_position_s(std::uint32_t segment, double position_s) const;

    // The messages that another server must get, so that it goes on from here; what came is shown
    // for another `ahead_s`.
    std::vector<std::string> again(double ahead_s);

    const Opening& opening() const { return opening_; }

private:
    struct Text {
        std::vector<std::string> words;
        std::vector<double> times_s;
    };
    struct Segment {
        std::size_t forgotten_bytes = 0;  // of its audio, at the beginning
        std::size_t kept_bytes = 0;  // behind them

        std::size_t end() const { return forgotten_bytes + kept_bytes; }
        double offset_s = 0;  // where it begins for the server
        double heard_s = 0;  // up to where its frames have come
        std::deque<std::string> parts;
        std::vector<Text> texts;
        bool is_ended = false;
    };

    std::size_t place_of(double time_s) const;
    std::uint32_t begin_again(Segment& segment) const;
    void say_again(std::uint32_t number, const Segment& segment,
                   std::vector<std::string>& messages) const;
    void text_again(std::uint32_t number, const Segment& segment,
                    std::vector<std::string>& messages) const;
    void forget(Segment& segment);

    Opening opening_;
    Direction direction_;
    std::map<std::uint32_t, Segment> segments_;
    std::string pose_;  // that came last
    std::uint32_t next_index_ = 0;
    std::uint32_t first_index_ = 0;
};

}  // namespace umo
