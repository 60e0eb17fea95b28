// A client of `umo serve`: characters are told what to say, and their poses come at their time.
//
// Any thread may call anything here; no call waits. One thread of the session's own has the socket
// and calls the listener. Where the server goes away, the session looks for it until it is back,
// opens the characters again and says once more what was not heard.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "UmoClientMessages.h"
#include "UmoConnection.h"
#include "UmoCounters.h"
#include "UmoExport.h"
#include "UmoFrame.h"
#include "UmoJitterBuffer.h"
#include "UmoListener.h"
#include "UmoRoundTrip.h"
#include "UmoServerMessage.h"
#include "UmoSpoken.h"

namespace umo {

UMOCORE_API double monotonic_s();

struct SessionOptions {
    std::string url = "tcp://127.0.0.1:7601";  // numeric, or localhost
    std::string token;
    std::string client = "unreal";  // tells people who this is
    double (*now_s)() = monotonic_s;  // the clock that poses are stamped with
};

class UMOCORE_API Session {
public:
    // The listener must live until `stop` has returned.
    Session(SessionOptions options, Listener& listener);
    ~Session() { stop(); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // False where the address is none, or it runs already.
    bool start();
    // Let the thread end; returns at once.
    void request_stop();
    bool is_running() const { return is_running_; }
    // Wait for the thread to end: a few milliseconds.
    void stop();

    // All of these are false where too much waits to be sent, or where what is given fits no
    // message. What the server thinks of it, the listener hears.
    //
    // With Pace::automatic, speech is shown `start_delay_s` after it has begun to come.
    bool open(const Opening& opening, Pace pace, double start_delay_s = 0.1);
    bool close(std::string_view stream);
    // Segments are numbered from 1 on; a new number begins the next one. Samples are raw, as the
    // stream was opened.
    bool audio(std::string_view stream, std::uint32_t segment, std::string_view samples);
    bool end(std::string_view stream, std::uint32_t segment);
    bool text(std::string_view stream, std::uint32_t segment, std::vector<std::string> words,
              std::vector<double> times_s = {});
    bool control(std::string_view stream, const Direction& direction);
    // Interrupt: what was not played yet is forgotten.
    bool clear(std::string_view stream);
    // Where the audio of a segment is being heard now.
    bool playback(std::string_view stream, std::uint32_t segment, double position_s);

    const Counters& counters() const { return counters_; }

private:
    struct Character {
        Spoken spoken;
        JitterBuffer buffer;
        bool is_open = false;  // the server was told of it
        bool is_confirmed = false;  // and has it
        double told_s = 0;  // when the server was last told where its audio is
        std::size_t num_late = 0, num_dropped = 0;  // of the buffer, that were counted
    };
    using Command = std::function<void()>;

    bool post(std::size_t cost_bytes, Command command);
    bool post_to(std::string_view stream, std::size_t cost_bytes,
                 std::function<void(Character&)> command);

    // Everything below is the thread's.
    void run();
    void keep_link(double now_s);
    void look_for(const std::string& url, double now_s);
    void lose(std::string_view why, double now_s);
    void obey();
    void show(double now_s);
    double next_s(double now_s) const;
    void hear(std::string_view bytes, double now_s);
    void join(const ServerMessage& message, double now_s);
    void move(const std::string& url, double now_s);
    void hear_refusal(const ServerMessage& message, double now_s);
    void hear_of(Character& character, const ServerMessage& message, double now_s);
    void hear_frame(Character& character, const ServerMessage& message, double now_s);
    void open_again(Character& character);
    void send(std::string_view message);
    void say_goodbye();

    const SessionOptions options_;
    Listener& listener_;
    Counters counters_;

    std::thread thread_;
    std::mutex starting_;
    std::atomic<bool> is_running_{false};
    std::atomic<bool> is_stopping_{false};
    Socket waker_;

    std::mutex posting_;
    std::vector<Command> commands_;
    std::size_t waiting_bytes_ = 0;  // of the commands

    Connection connection_;
    std::map<std::string, Character, std::less<>> characters_;
    FrameLayout layout_;
    RoundTrip round_trip_;
    bool is_joined_ = false;
    bool has_said_hello_ = false;
    int num_moves_ = 0;  // since the last welcome
    double timeout_s_ = 0;
    double heard_s_ = 0;
    double pinged_s_ = 0;
    double tried_s_ = 0;
    double pause_s_ = 0;  // until the next try
    std::size_t num_dropped_ = 0;  // messages of the connection, that were counted
};

}  // namespace umo
