// ZMTP 3.0 and 3.1, the wire of ZeroMQ: the DEALER's side, mechanism NULL. Bytes in, messages out;
// no socket. Source: https://rfc.zeromq.org/spec/23 and /spec/37.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "UmoExport.h"

namespace umo {

class UMOCORE_API ZmtpDealer {
public:
    explicit ZmtpDealer(std::size_t most_message_bytes) : most_bytes_(most_message_bytes) {}

    // Greeting and handshake of this side, to be sent first of all.
    static std::string opening();
    // A message in one part, as it is sent.
    static void append(std::string_view message, std::string& outgoing);

    // Take bytes that came.
    void feed(const char* data, std::size_t size);
    // The next message of one part; it lives until more is fed. Answers to heartbeats are
    // appended to `outgoing`. False: there is none, or the peer speaks otherwise.
    bool next(std::string_view& message, std::string& outgoing);

    // The handshake is over: messages may be sent.
    bool is_ready() const { return state_ == State::messages; }
    // What is wrong with the peer, one line; empty while all is well.
    const std::string& fault() const { return fault_; }
    // Messages of several parts, which were dropped.
    std::size_t num_dropped() const { return num_dropped_; }

private:
    enum class State { greeting, handshake, messages };
    struct Part {
        unsigned char flags;
        std::string_view body;
    };

    bool take_greeting();
    bool take_part(Part& part);
    void obey(std::string_view command, std::string& outgoing);
    bool fail(std::string reason);

    std::size_t most_bytes_;
    State state_ = State::greeting;
    std::string incoming_;
    std::size_t taken_ = 0;  // of `incoming_`
    bool is_inside_ = false;  // of a message of several parts
    std::string fault_;
    std::size_t num_dropped_ = 0;
};

}  // namespace umo
