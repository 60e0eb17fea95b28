#include "UmoZmtp.h"

#include "check.h"

using namespace std::string_view_literals;
using umo::ZmtpDealer;

namespace {

const std::string kGreeting = [] {
    std::string bytes("\xFF\0\0\0\0\0\0\0\1\x7F\3\1NULL"sv);  // as libzmq 4.3 sends it
    bytes.resize(64, '\0');
    return bytes;
}();
const std::string kReady("\4\x1C\5READY\13Socket-Type\0\0\0\6ROUTER"sv);

struct Peer {
    ZmtpDealer dealer{1 << 20};
    std::string answers;
    std::vector<std::string> messages;

    void feed(std::string_view bytes) {
        dealer.feed(bytes.data(), bytes.size());
        for (std::string_view message; dealer.next(message, answers);) {
            messages.emplace_back(message);
        }
    }
};

std::string part(char flags, std::string_view body) {
    std::string bytes(1, flags);
    bytes += static_cast<char>(body.size());
    return bytes.append(body);
}

}  // namespace

TEST(opening_is_a_greeting_and_ready) {
    const std::string opening = ZmtpDealer::opening();
    CHECK(opening.substr(0, 10) == "\xFF\0\0\0\0\0\0\0\0\x7F"sv);
    CHECK(opening.substr(10, 22) == "\3\0NULL\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv);
    const std::string_view ready("\4\x29\5READY\13Socket-Type\0\0\0\6DEALER\10Identity\0\0\0\0"sv);
    CHECK(opening.substr(64) == ready);
    CHECK(opening.size() == 64 + 2 + 0x29);
}

TEST(messages_come_out_byte_by_byte_as_at_once) {
    std::string bytes = kGreeting + kReady + part(0, "one");
    ZmtpDealer::append(std::string(300, 'x'), bytes);
    bytes += part(0, "");
    Peer at_once, slow;
    at_once.feed(bytes);
    for (const char byte : bytes) slow.feed({&byte, 1});
    CHECK(at_once.dealer.is_ready());
    CHECK((at_once.messages == std::vector<std::string>{"one", std::string(300, 'x'), ""}));
    CHECK(slow.messages == at_once.messages);
}

TEST(sizes_decide_between_short_and_long_parts) {
    std::string sent;
    ZmtpDealer::append(std::string(255, 'x'), sent);
    CHECK(sent.substr(0, 2) == "\0\xFF"sv && sent.size() == 257);
    sent.clear();
    ZmtpDealer::append(std::string(256, 'x'), sent);
    CHECK(sent.substr(0, 9) == "\2\0\0\0\0\0\0\1\0"sv && sent.size() == 265);
}

TEST(messages_of_several_parts_are_dropped_and_counted) {
    Peer peer;
    peer.feed(kGreeting + kReady + part(1, "a") + part(1, "b") + part(0, "c") + part(0, "whole"));
    CHECK((peer.messages == std::vector<std::string>{"whole"}));
    CHECK(peer.dealer.num_dropped() == 1);
}

TEST(heartbeats_are_answered_with_their_context) {
    Peer peer;
    peer.feed(kGreeting + kReady + part(4, "\4PING\0\x64" "abc"sv));
    CHECK(peer.answers == part(4, "\4PONGabc"));
}

TEST(peers_that_speak_otherwise_are_told_so) {
    std::string curve = kGreeting, old = kGreeting;
    curve.replace(12, 5, "CURVE");
    old[10] = 1;
    const struct {
        std::string bytes, fault;
    } cases[] = {
        {"HTTP/1.1 400 Bad Request", "the server speaks no ZMTP 3"},
        {curve, "the server wants CURVE, this client has NULL only"},
        {old, "the server speaks ZMTP older than 3.0"},
        {kGreeting + part(0, "early"), "a message came before READY"},
        {kGreeting + part(8, "x"), "a part has unknown flags"},
        {kGreeting + kReady + std::string("\2\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv),
         "a message is too long"},
        {kGreeting + part(4, "\5ERROR\0"sv), "the server refuses the connection"},
    };
    for (const auto& [bytes, fault] : cases) {
        Peer peer;
        peer.feed(bytes);
        peer.feed(part(0, "more"));
        CHECK(peer.messages.empty());
        if (!CHECK(peer.dealer.fault() == fault)) std::fprintf(stderr, "%s\n", fault.c_str());
    }
}
