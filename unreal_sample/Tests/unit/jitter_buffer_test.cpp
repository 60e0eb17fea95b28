#include "UmoJitterBuffer.h"

#include "check.h"

using check::is_near;
using umo::JitterBuffer;
using umo::Pace;

namespace {

umo::Frame frame(std::uint32_t index, std::uint32_t segment, double pts_s) {
    umo::Frame made;
    made.index = index;
    made.segment = segment;
    made.pts_s = pts_s;
    return made;
}

void push_segment(JitterBuffer& buffer, std::uint32_t segment, std::uint32_t first, double now_s) {
    for (std::uint32_t count = 0; count < 30; ++count) {
        buffer.push(frame(first + count, segment, count / 30.0), now_s, 0);
    }
}

// The indices that are shown between two times by who looks a thousand times a second.
std::vector<std::uint32_t> shown(JitterBuffer& buffer, double from_s, double to_s) {
    std::vector<std::uint32_t> indices;
    double before_s = -1e9;
    for (double now_s = from_s; now_s < to_s; now_s += 0.001) {
        if (const auto due = buffer.take(now_s)) {
            indices.push_back(due->frame.index);
            CHECK(due->at_s <= now_s && due->at_s >= before_s);
            before_s = due->at_s;
        }
    }
    return indices;
}

}  // namespace

TEST(speech_that_came_early_is_shown_at_the_pace_of_its_audio) {
    JitterBuffer buffer(Pace::automatic, 0.1);
    push_segment(buffer, 1, 0, 10);
    CHECK(shown(buffer, 10, 10.099).empty());
    CHECK(shown(buffer, 10.099, 10.59).size() == 15);
    CHECK(shown(buffer, 10.59, 12).size() == 15);
    CHECK(buffer.size() == 0 && buffer.num_late() == 0);
}

TEST(speech_that_comes_late_holds_up_its_playhead) {
    JitterBuffer buffer(Pace::automatic, 0.1);
    push_segment(buffer, 1, 0, 10);
    CHECK(shown(buffer, 10, 12).size() == 30);
    for (std::uint32_t index = 30; index < 60; ++index) {
        buffer.push(frame(index, 1, index / 30.0), 12, 0);
    }
    CHECK(shown(buffer, 12, 12.49).size() == 15);
    CHECK(shown(buffer, 12.49, 14).size() == 15 && buffer.num_late() == 0);
}

TEST(segments_follow_one_another_without_a_gap) {
    JitterBuffer buffer(Pace::automatic, 0.1);
    push_segment(buffer, 1, 0, 10);
    push_segment(buffer, 2, 30, 10.2);
    CHECK(shown(buffer, 10, 10.1 + 1.5).size() == 45);
}

TEST(a_playhead_decides_what_is_shown) {
    JitterBuffer buffer(Pace::playhead, 0.1);
    push_segment(buffer, 1, 0, 10);
    CHECK(shown(buffer, 10, 12).empty());
    buffer.play(1, 0.5, 12);
    const auto due = buffer.take(12);
    CHECK(due && due->frame.index == 15 && is_near(due->at_s, 12));
    CHECK(buffer.num_late() == 15);
    CHECK(shown(buffer, 12, 13).size() == 3);  // a tenth of a second on its own, then it holds
    buffer.play(1, 0.9, 13);
    CHECK(buffer.take(13)->frame.index == 27);
}

TEST(a_playhead_of_the_next_segment_ends_the_one_before) {
    JitterBuffer buffer(Pace::playhead, 0.1);
    push_segment(buffer, 1, 0, 10);
    push_segment(buffer, 2, 30, 10);
    buffer.play(1, 0, 11);
    CHECK(buffer.take(11)->frame.index == 0);
    buffer.play(2, 0, 11.1);
    CHECK(buffer.take(11.1)->frame.index == 30);
    buffer.play(1, 0.5, 11.2);  // old news
    CHECK(shown(buffer, 11.1, 11.19).size() == 2);
}

TEST(life_is_shown_when_it_is_due_and_jitter_is_taken_out) {
    JitterBuffer buffer(Pace::automatic, 0.1);
    double before_s = 0;
    for (std::uint32_t index = 0; index < 90; ++index) {
        const double came_s = 10 + index / 30.0 + (index % 3 == 0 ? 0.02 : 0);
        buffer.push(frame(index, 0, index / 30.0), came_s, 0);
        const auto due = buffer.take(came_s + 0.03);
        if (!CHECK(due && due->frame.index == index)) return;
        CHECK(index < 40 || is_near(due->at_s - before_s, 1 / 30.0, 1e-3));
        before_s = due->at_s;
    }
}

TEST(life_that_waited_behind_speech_catches_up) {
    JitterBuffer buffer(Pace::automatic, 0.1);
    push_segment(buffer, 1, 0, 10);
    for (std::uint32_t index = 30; index < 33; ++index) {  // the server thinks speech is over
        buffer.push(frame(index, 0, 0), 10 + index / 30.0, 0);
    }
    const std::vector<std::uint32_t> indices = shown(buffer, 10, 12);
    CHECK(indices.size() == 33 && indices.back() == 32);
}

TEST(an_interruption_throws_away_what_waits) {
    JitterBuffer buffer(Pace::automatic, 0.1);
    push_segment(buffer, 1, 0, 10);
    buffer.take(10.2);
    buffer.clear();
    CHECK(shown(buffer, 10.2, 11).empty());
    push_segment(buffer, 2, 40, 11);
    CHECK(buffer.take(11.15)->frame.segment == 2);
}

TEST(a_paced_stream_is_shown_as_it_comes) {
    JitterBuffer buffer(Pace::server, 0.1);
    buffer.push(frame(0, 1, 0), 10, 0);
    CHECK(buffer.take(10)->frame.index == 0);
}

TEST(of_several_that_are_due_the_newest_is_shown) {
    JitterBuffer buffer(Pace::automatic, 0);
    push_segment(buffer, 1, 0, 10);
    CHECK(buffer.take(10)->frame.index == 0);
    CHECK(buffer.take(10.41)->frame.index == 12);
    CHECK(buffer.num_late() == 11);
    CHECK(!buffer.take(10.41));
}

TEST(what_waits_is_bounded) {
    JitterBuffer buffer(Pace::playhead, 0.1);
    for (std::uint32_t index = 0; index < 20000; ++index) {
        buffer.push(frame(index, 1, index / 30.0), 10, 0);
    }
    CHECK(buffer.size() == 18300 && buffer.num_dropped() == 1700);
    buffer.play(1, 0, 10);
    CHECK(buffer.take(10)->frame.index == 0);  // the newest found no room, not the oldest
    JitterBuffer behind(Pace::playhead, 0.1);
    behind.push(frame(0, 1, 0), 10, 0);
    for (std::uint32_t index = 1; index < 1000; ++index) {
        behind.push(frame(index, 0, 0), 10 + index / 30.0, 0);
    }
    CHECK(behind.size() == 16 && behind.num_dropped() == 999 - 15);
}

TEST(ahead_says_how_long_what_waits_will_last) {
    JitterBuffer buffer(Pace::playhead, 0.1);
    CHECK(buffer.ahead_s(10) == 0);
    push_segment(buffer, 1, 0, 10);
    CHECK(is_near(buffer.ahead_s(10), 1));  // nobody plays it yet
    JitterBuffer automatic(Pace::automatic, 0.1);
    push_segment(automatic, 1, 0, 10);
    automatic.take(10);
    CHECK(is_near(automatic.ahead_s(10.05), 1.05));
}

TEST(next_says_when_to_look_again) {
    JitterBuffer buffer(Pace::automatic, 0.1);
    CHECK(buffer.next_s(10) > 1e9);
    push_segment(buffer, 1, 0, 10);
    CHECK(!buffer.take(10));
    CHECK(is_near(buffer.next_s(10), 10.1));
    buffer.take(10.1);
    CHECK(is_near(buffer.next_s(10.1), 10.1 + 1 / 30.0));
}
