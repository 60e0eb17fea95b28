// What a session does without a server; Tests/live has one.
#include "UmoSession.h"

#include "check.h"

namespace {

struct Silent : umo::Listener {
    void on_pose(std::string_view, const umo::Frame&, double) override {}
};

umo::SessionOptions at(const char* url) {
    umo::SessionOptions options;
    options.url = url;
    return options;
}

}  // namespace

TEST(addresses_are_numbers_and_a_port) {
    umo::Endpoint endpoint;
    CHECK(umo::Endpoint::parse("tcp://127.0.0.1:7601", endpoint));
    CHECK(endpoint.host == "127.0.0.1" && endpoint.port == "7601");
    CHECK(umo::Endpoint::parse("tcp://[::1]:1", endpoint) && endpoint.host == "::1");
    CHECK(umo::Endpoint::parse("tcp://localhost:1", endpoint) && endpoint.host == "127.0.0.1");
    for (const char* url : {"", "tcp://", "tcp://:1", "ws://127.0.0.1:1", "tcp://127.0.0.1",
                            "tcp://127.0.0.1:", "tcp://127.0.0.1:0", "tcp://127.0.0.1:65536",
                            "tcp://127.0.0.1:1a", "127.0.0.1:1"}) {
        CHECK(!umo::Endpoint::parse(url, endpoint));
    }
}

TEST(an_address_that_is_none_does_not_start) {
    Silent silent;
    umo::Session session(at("http://example.org"), silent);
    CHECK(!session.start() && !session.is_running());
}

TEST(a_session_without_a_server_stops_at_once) {
    Silent silent;
    for (int count = 0; count < 20; ++count) {
        umo::Session session(at("tcp://127.0.0.1:9"), silent);
        CHECK(session.start() && !session.start());
        const double before_s = umo::monotonic_s();
        session.stop();
        session.stop();
        CHECK(umo::monotonic_s() - before_s < 0.2);
        CHECK(!session.is_running());
    }
}

TEST(what_is_said_before_the_start_is_bounded) {
    Silent silent;
    umo::Session session(at("tcp://127.0.0.1:9"), silent);
    const std::string second(32000, 's');
    int num_taken = 0;
    while (num_taken < 1000 && session.audio("npc", 1, second)) ++num_taken;
    CHECK(num_taken > 200 && num_taken < 300);  // 8 MiB
}

TEST(what_fits_no_message_is_refused_at_once) {
    Silent silent;
    umo::Session session(at("tcp://127.0.0.1:9"), silent);
    umo::Opening opening;
    opening.stream = std::string(70000, 'x');
    CHECK(!session.open(opening, umo::Pace::automatic));
    CHECK(!session.audio("npc", 0, "ss"));  // segments begin with 1
    CHECK(!session.end("npc", 0));
    CHECK(!session.text("npc", 1, {std::string(70000, 'x')}));
}
