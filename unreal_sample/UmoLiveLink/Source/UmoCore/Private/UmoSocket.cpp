#include "UmoSocket.h"

#include <algorithm>
#include <cmath>

#if defined(_WIN32)
#if !defined(NOMINMAX)
#define NOMINMAX
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <cerrno>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

namespace umo {
namespace {

#if defined(_WIN32)
using Handle = SOCKET;
constexpr int kSendFlags = 0;

// Winsock counts its users; Unreal is one of them, too.
bool begin_sockets() {
    WSADATA data;
    return WSAStartup(MAKEWORD(2, 2), &data) == 0;
}
void end_sockets() { WSACleanup(); }
bool would_block() {
    const int error = WSAGetLastError();
    return error == WSAEWOULDBLOCK || error == WSAEINPROGRESS;
}
bool unblock(Handle handle) {
    u_long on = 1;
    return ioctlsocket(handle, FIONBIO, &on) == 0;
}
void close_handle(Handle handle) { closesocket(handle); }
int poll_handles(WSAPOLLFD* polled, int count, int most_ms) {
    return WSAPoll(polled, static_cast<ULONG>(count), most_ms);
}
using Polled = WSAPOLLFD;
#else
using Handle = int;
#if defined(MSG_NOSIGNAL)
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;
#endif

bool begin_sockets() { return true; }
void end_sockets() {}
bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINPROGRESS || errno == EINTR;
}
bool unblock(Handle handle) {
    return fcntl(handle, F_SETFL, O_NONBLOCK) == 0 && fcntl(handle, F_SETFD, FD_CLOEXEC) == 0;
}
void close_handle(Handle handle) { ::close(handle); }
int poll_handles(pollfd* polled, int count, int most_ms) {
    return poll(polled, static_cast<nfds_t>(count), most_ms);
}
using Polled = pollfd;
#endif

Handle native(std::intptr_t handle) { return static_cast<Handle>(handle); }

// A socket that does not block, or -1.
std::intptr_t new_socket(int family, int type) {
    if (!begin_sockets()) return -1;
    const Handle handle = ::socket(family, type, 0);
    const std::intptr_t opened = static_cast<std::intptr_t>(handle);
    if (opened != -1 && unblock(handle)) return opened;
    if (opened != -1) close_handle(handle);
    end_sockets();
    return -1;
}

void send_at_once(Handle handle) {
    const int on = 1;
    const char* value = reinterpret_cast<const char*>(&on);
    setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, value, sizeof on);
#if defined(SO_NOSIGPIPE)
    setsockopt(handle, SOL_SOCKET, SO_NOSIGPIPE, value, sizeof on);
#endif
}

Polled polled_for(std::intptr_t handle, short events) {
    Polled polled{};
    polled.fd = native(handle);
    polled.events = events;
    return polled;
}

}  // namespace

bool Endpoint::parse(std::string_view url, Endpoint& endpoint) {
    constexpr std::string_view kScheme = "tcp://";
    const std::size_t colon = url.rfind(':');
    if (url.substr(0, kScheme.size()) != kScheme || colon <= kScheme.size()) return false;
    std::string_view host = url.substr(kScheme.size(), colon - kScheme.size());
    const std::string_view port = url.substr(colon + 1);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    if (port.empty() || port.size() > 5) return false;
    int number = 0;
    for (const char digit : port) {
        if (digit < '0' || digit > '9') return false;
        number = 10 * number + (digit - '0');
    }
    endpoint = {host == "localhost" ? "127.0.0.1" : std::string(host), std::string(port)};
    return number > 0 && number < 65536;
}

bool Socket::connect(const Endpoint& endpoint) {
    close();
    if (!begin_sockets()) return false;
    addrinfo wanted{};
    wanted.ai_socktype = SOCK_STREAM;
    wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    if (getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &wanted, &found) == 0) {
        handle_ = new_socket(found->ai_family, SOCK_STREAM);
        if (is_open()) {
            send_at_once(native(handle_));
            const auto length = static_cast<socklen_t>(found->ai_addrlen);
            const int begun = ::connect(native(handle_), found->ai_addr, length);
            if (begun != 0 && !would_block()) close();
        }
        freeaddrinfo(found);
    }
    end_sockets();
    return is_open();
}

bool Socket::listen_to_itself() {
    close();
    handle_ = new_socket(AF_INET, SOCK_DGRAM);
    if (!is_open()) return false;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    const bool is_ready = bind(native(handle_), generic, length) == 0 &&
                          getsockname(native(handle_), generic, &length) == 0 &&
                          ::connect(native(handle_), generic, length) == 0;
    if (!is_ready) close();
    return is_ready;
}

bool Socket::is_connected() const {
    int error = 0;
    socklen_t length = sizeof error;
    return is_open() &&
           getsockopt(native(handle_), SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error),
                      &length) == 0 &&
           error == 0;
}

void Socket::close() {
    if (!is_open()) return;
    close_handle(native(handle_));
    end_sockets();
    handle_ = kNone;
}

int Socket::send(const char* data, std::size_t size) {
    const auto some = static_cast<int>(std::min<std::size_t>(size, 1 << 20));
    const auto sent = static_cast<int>(::send(native(handle_), data, some, kSendFlags));
    return sent >= 0 ? sent : would_block() ? 0 : -1;
}

int Socket::receive(char* data, std::size_t size) {
    const auto some = static_cast<int>(std::min<std::size_t>(size, 1 << 20));
    const auto received = static_cast<int>(::recv(native(handle_), data, some, 0));
    return received > 0 ? received : received < 0 && would_block() ? 0 : -1;
}

Ready Ready::wait(const Socket& connection, bool wants_to_send, Socket& waker, double most_s) {
    const short events = static_cast<short>(wants_to_send ? POLLIN | POLLOUT : POLLIN);
    Polled polled[2] = {polled_for(waker.handle_, POLLIN), polled_for(connection.handle_, events)};
    const int most_ms = static_cast<int>(std::ceil(1000 * std::clamp(most_s, 0.0, 1.0)));
    Ready ready;
    if (poll_handles(polled, connection.is_open() ? 2 : 1, most_ms) <= 0) return ready;
    char taken[64];
    while (polled[0].revents != 0 && waker.receive(taken, sizeof taken) > 0) {
    }
    if (!connection.is_open()) return ready;
    ready.can_receive = (polled[1].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
    ready.can_send = (polled[1].revents & (POLLOUT | POLLERR | POLLHUP)) != 0;
    return ready;
}

}  // namespace umo
