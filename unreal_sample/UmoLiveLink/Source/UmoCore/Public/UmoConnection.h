// A connection to one server: a socket that speaks ZMTP. Bounded both ways; never blocks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "UmoClientMessages.h"
#include "UmoExport.h"
#include "UmoSocket.h"
#include "UmoZmtp.h"

namespace umo {

class UMOCORE_API Connection {
public:
    // Begin anew; false if it cannot even begin.
    bool open(const Endpoint& endpoint);
    void close();
    bool is_open() const { return socket_.is_open(); }
    // Messages go both ways.
    bool is_ready() const { return is_open() && zmtp_.is_ready(); }
    // There is room for more.
    bool takes_more() const { return outgoing_.size() - sent_ < kMostWaitingBytes; }

    void send(std::string_view message) { ZmtpDealer::append(message, outgoing_); }
    // Move what can be moved, in at most `most_s`; afterwards `next` has messages. Closes itself
    // where the other end is gone.
    void wait(Socket& waker, double most_s);
    bool next(std::string_view& message);
    // Hand the socket what it takes at once.
    void flush();

    // Why it is closed; empty where this side closed it.
    const std::string& fault() const { return fault_; }
    std::size_t num_dropped() const { return zmtp_.num_dropped(); }

private:
    static constexpr std::size_t kMostWaitingBytes = std::size_t{4} << 20;
    static constexpr int kMostReads = 16;  // in one turn: others have their frames to show

    void receive();
    void end(std::string_view fault);

    Socket socket_;
    ZmtpDealer zmtp_{kMaxMessageBytes};
    bool is_connected_ = false;
    std::string outgoing_;
    std::size_t sent_ = 0;  // of `outgoing_`
    std::string fault_;
};

}  // namespace umo
