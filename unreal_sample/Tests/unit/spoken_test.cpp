#include "UmoSpoken.h"

#include "check.h"

using check::is_near;

namespace {

umo::Spoken npc() {
    umo::Opening opening;
    opening.stream = "npc";
    return umo::Spoken(opening);
}

umo::Frame frame(std::uint32_t index, std::uint32_t segment, double pts_s) {
    umo::Frame made;
    made.index = index;
    made.segment = segment;
    made.pts_s = pts_s;
    return made;
}

const std::string kSecond(32000, 's');
const std::string kPose(1100, 'p');

bool hear(umo::Spoken& spoken, umo::Frame frame) { return spoken.heard(frame, kPose); }

const std::string kOpen = umo::open_message(npc().opening());

}  // namespace

TEST(nothing_said_is_an_open_stream) {
    CHECK((npc().again(0.25) == std::vector<std::string>{kOpen}));
}

TEST(what_has_not_come_back_is_said_again) {
    umo::Spoken spoken = npc();
    umo::Direction joy, calm;
    joy.emotion = "joy";
    calm.calmness = 0.5;
    spoken.direct(joy);
    spoken.direct(calm);
    spoken.text(1, {"Hello,", "world"}, {0.1, 0.9});
    for (int tenth = 0; tenth < 10; ++tenth) CHECK(spoken.audio(1, kSecond.substr(0, 3200)));
    spoken.end(1);
    CHECK(hear(spoken, frame(20, 1, 0.5 - 1 / 30.0)));
    calm.emotion = "joy";
    const int samples = 16000 - 5867;  // from four frames before half a second on
    const double begins_s = 5867 / 16000.0;
    const std::vector<std::string> expected = {
        kOpen,
        umo::stand_message("npc", 4, 0.25, kPose),
        umo::control_message("npc", calm),
        umo::text_message("npc", 1, {"world"}, {0.9 - begins_s}),
        umo::audio_message("npc", 1, kSecond.substr(0, 2 * samples)),
        umo::end_message("npc", 1),
    };
    CHECK(spoken.again(0.25) == expected);
    CHECK(spoken.again(0.25) == expected);  // and once more, if that server goes as well
}

TEST(another_servers_times_are_turned_into_ours) {
    umo::Spoken spoken = npc();
    spoken.audio(1, kSecond);
    CHECK(hear(spoken, frame(20, 1, 0.5 - 1 / 30.0)));
    spoken.again(0);
    const double begins_s = 5867 / 16000.0;
    CHECK(!hear(spoken, frame(0, 1, 0)));  // of a server that does not know `stand`: it came before
    umo::Frame next = frame(1, 1, 4 / 30.0);
    CHECK(spoken.heard(next, kPose));
    CHECK(next.index == 21 && is_near(next.pts_s, 0.5, 1e-4));
    CHECK(is_near(spoken.server_position_s(1, 0.75), 0.75 - begins_s));
    CHECK(spoken.server_position_s(1, 0.25) == 0);
    CHECK(is_near(spoken.ended(1, 0.5), 0.5 + begins_s));
    CHECK(spoken.ended(1, 0.5) == 0.5);  // nobody knows of it any more
    const std::vector<std::string> still = {kOpen, umo::stand_message("npc", 0, 9, kPose)};
    CHECK(spoken.again(9) == still);
}

TEST(a_segment_that_is_over_to_its_last_frames_ends_there) {
    umo::Spoken spoken = npc();
    spoken.audio(1, kSecond);
    spoken.end(1);
    CHECK(hear(spoken, frame(33, 1, 1.1)));
    CHECK((spoken.again(0) == std::vector<std::string>{
               kOpen, umo::stand_message("npc", 0, 0, kPose), umo::audio_message("npc", 1, ""),
               umo::end_message("npc", 1)}));
}

TEST(what_was_interrupted_is_not_said_again) {
    umo::Spoken spoken = npc();
    spoken.audio(1, kSecond);
    spoken.clear();
    spoken.audio(2, kSecond);
    spoken.cleared(1);
    CHECK(spoken.again(0.25).size() == 2);
    spoken.cleared(2);
    CHECK(spoken.again(0.25).size() == 1);
}

TEST(what_is_kept_is_bounded_and_let_go) {
    umo::Spoken spoken = npc();
    const std::string minute(60 * 32000, 's');
    for (int count = 0; count < 10; ++count) CHECK(spoken.audio(1, minute));
    CHECK(!spoken.audio(2, "ss"));
    CHECK(hear(spoken, frame(0, 1, 61)));
    CHECK(spoken.audio(2, minute));
}

TEST(times_without_reason_do_no_harm) {
    umo::Spoken spoken = npc();
    spoken.audio(1, kSecond);
    for (const double pts_s : {1e300, -1e300, 1e-300}) {
        hear(spoken, frame(0xFFFFFFFF, 1, pts_s));
        CHECK(!spoken.again(0.25).empty());
    }
}
