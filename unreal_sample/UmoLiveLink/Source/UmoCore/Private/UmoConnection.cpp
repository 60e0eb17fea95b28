#include "UmoConnection.h"

namespace umo {

bool Connection::open(const Endpoint& endpoint) {
    close();
    zmtp_ = ZmtpDealer(kMaxMessageBytes);
    outgoing_ = ZmtpDealer::opening();
    return socket_.connect(endpoint);
}

void Connection::close() {
    socket_.close();
    is_connected_ = false;
    outgoing_.clear();
    sent_ = 0;
    fault_.clear();
}

void Connection::wait(Socket& waker, double most_s) {
    const bool wants_to_send = !is_connected_ || sent_ < outgoing_.size();
    const Ready ready = Ready::wait(socket_, wants_to_send, waker, most_s);
    if (!is_connected_ && ready.can_send) {
        is_connected_ = socket_.is_connected();
        if (!is_connected_) end("nothing answers; start the server: umo serve");
    }
    if (is_connected_ && ready.can_receive) receive();
    flush();
}

bool Connection::next(std::string_view& message) {
    if (zmtp_.next(message, outgoing_)) return true;
    if (is_open() && !zmtp_.fault().empty()) end(zmtp_.fault());
    return false;
}

void Connection::flush() {
    if (!is_connected_) return;
    while (sent_ < outgoing_.size()) {
        const int sent = socket_.send(outgoing_.data() + sent_, outgoing_.size() - sent_);
        if (sent < 0) end("the server has ended the connection");
        if (sent <= 0) break;
        sent_ += static_cast<std::size_t>(sent);
    }
    if (sent_ == outgoing_.size()) {
        outgoing_.clear();
        sent_ = 0;
    }
}

void Connection::receive() {
    char bytes[1 << 16];
    for (int reads = 0; reads < kMostReads; ++reads) {
        const int received = socket_.receive(bytes, sizeof bytes);
        if (received < 0) end("the server has ended the connection");
        if (received <= 0) return;
        zmtp_.feed(bytes, static_cast<std::size_t>(received));
    }
}

void Connection::end(std::string_view fault) {
    const std::string why(fault);  // `close` may clear what it points to
    close();
    fault_ = why;
}

}  // namespace umo
