// Non-blocking TCP of POSIX and of Winsock behind one interface. No names are looked up, because a
// look-up may block for seconds: hosts are numbers, or `localhost`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "UmoExport.h"

namespace umo {

struct UMOCORE_API Endpoint {
    std::string host;
    std::string port;

    // Of `tcp://127.0.0.1:7601` or `tcp://[::1]:7601`; false if it is neither.
    static bool parse(std::string_view url, Endpoint& endpoint);
};

class UMOCORE_API Socket {
public:
    Socket() = default;
    ~Socket() { close(); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    // Begin to connect; false if that cannot even begin.
    bool connect(const Endpoint& endpoint);
    // A datagram socket of this machine that hears itself: one thread wakes another with it.
    bool listen_to_itself();
    // Whether `connect` has come to a good end, once the socket is writable.
    bool is_connected() const;
    bool is_open() const { return handle_ != kNone; }
    void close();

    // Bytes moved; 0: not now; -1: the connection has ended.
    int send(const char* data, std::size_t size);
    int receive(char* data, std::size_t size);

private:
    friend struct Ready;
    static constexpr std::intptr_t kNone = -1;
    std::intptr_t handle_ = kNone;
};

// What can be done without blocking.
struct UMOCORE_API Ready {
    bool can_receive = false;
    bool can_send = false;

    // Wait for a connection, which may be closed, or for the waker, whose datagrams are taken.
    static Ready wait(const Socket& connection, bool wants_to_send, Socket& waker, double most_s);
};

}  // namespace umo
