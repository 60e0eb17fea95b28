#include "UmoZmtp.h"

#include <cstdint>
#include <utility>

namespace umo {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kGreetingBytes = 64;
constexpr unsigned char kMore = 1, kLong = 2, kCommand = 4;

void append_part(unsigned char flags, std::string_view body, std::string& outgoing) {
    const bool is_long = body.size() > 255;
    outgoing += static_cast<char>(is_long ? flags | kLong : flags);
    for (int shift = is_long ? 56 : 0; shift >= 0; shift -= 8) {
        outgoing += static_cast<char>(body.size() >> shift);
    }
    outgoing += body;
}

std::string greeting() {
    std::string bytes("\xFF\0\0\0\0\0\0\0\0\x7F\x03\0NULL"sv);
    bytes.resize(kGreetingBytes, '\0');
    return bytes;
}

}  // namespace

std::string ZmtpDealer::opening() {
    std::string bytes = greeting();
    append_part(kCommand, "\5READY\13Socket-Type\0\0\0\6DEALER\10Identity\0\0\0\0"sv, bytes);
    return bytes;
}

void ZmtpDealer::feed(const char* data, std::size_t size) {
    incoming_.erase(0, taken_);
    taken_ = 0;
    incoming_.append(data, size);
}

void ZmtpDealer::append(std::string_view message, std::string& outgoing) {
    append_part(0, message, outgoing);
}

bool ZmtpDealer::next(std::string_view& message, std::string& outgoing) {
    if (state_ == State::greeting && !take_greeting()) return false;
    for (Part part{}; take_part(part);) {
        if (part.flags & kCommand) {
            obey(part.body, outgoing);
            continue;
        }
        if (state_ != State::messages) return fail("a message came before READY");
        const bool has_more = (part.flags & kMore) != 0;
        const bool is_whole = !has_more && !is_inside_;
        num_dropped_ += !is_whole && !has_more;
        is_inside_ = has_more;
        if (is_whole) {
            message = part.body;
            return true;
        }
    }
    return false;
}

bool ZmtpDealer::take_greeting() {
    if (!fault_.empty()) return false;
    const std::string_view bytes(incoming_);
    if (!bytes.empty() && bytes[0] != '\xFF') return fail("the server speaks no ZMTP 3");
    if (bytes.size() > 9 && bytes[9] != '\x7F') return fail("the server speaks no ZMTP 3");
    if (bytes.size() > 10 && bytes[10] < 3) return fail("the server speaks ZMTP older than 3.0");
    if (bytes.size() < kGreetingBytes) return false;
    const std::string_view mechanism = bytes.substr(12, 20);
    if (mechanism.substr(0, 5) != "NULL\0"sv) {
        const std::string name(mechanism.substr(0, mechanism.find('\0')));
        return fail("the server wants " + name + ", this client has NULL only");
    }
    taken_ = kGreetingBytes;
    state_ = State::handshake;
    return true;
}

bool ZmtpDealer::take_part(Part& part) {
    if (!fault_.empty()) return false;
    const std::string_view bytes = std::string_view(incoming_).substr(taken_);
    if (bytes.empty()) return false;
    part.flags = static_cast<unsigned char>(bytes[0]);
    if (part.flags > 7) return fail("a part has unknown flags");
    const std::size_t head = part.flags & kLong ? 9 : 2;
    if (bytes.size() < head) return false;
    std::uint64_t size = 0;
    for (std::size_t at = 1; at < head; ++at) {
        size = size << 8 | static_cast<unsigned char>(bytes[at]);
    }
    if (size > most_bytes_) return fail("a message is too long");
    if (bytes.size() - head < size) return false;
    part.body = bytes.substr(head, static_cast<std::size_t>(size));
    taken_ += head + part.body.size();
    return true;
}

void ZmtpDealer::obey(std::string_view command, std::string& outgoing) {
    constexpr std::string_view kPing = "\4PING"sv;
    if (command.substr(0, 6) == "\5READY"sv) {
        state_ = State::messages;
    } else if (command.substr(0, 6) == "\5ERROR"sv) {
        fail("the server refuses the connection");
    } else if (command.size() >= kPing.size() + 2 && command.substr(0, kPing.size()) == kPing) {
        // Two bytes say how long to wait, and the rest must come back.
        append_part(kCommand, "\4PONG" + std::string(command.substr(kPing.size() + 2)), outgoing);
    }
}

bool ZmtpDealer::fail(std::string reason) {
    fault_ = std::move(reason);
    return false;
}

}  // namespace umo
