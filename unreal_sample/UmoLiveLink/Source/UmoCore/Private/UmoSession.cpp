#include "UmoSession.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

namespace umo {
namespace {

constexpr std::size_t kMostWaitingBytes = std::size_t{8} << 20;
constexpr std::size_t kCommandBytes = 256;  // what a command costs besides its data
constexpr std::size_t kAudioBytes = kMaxMessageBytes / 2;  // in one message
constexpr double kAnswerS = 2;  // that a server may take to say welcome
constexpr double kPingS = 1;
constexpr double kPlaybackS = 0.1;  // between two reports of one character to the server
constexpr double kShortPauseS = 0.1, kLongPauseS = 1;  // between tries to find the server
constexpr int kMostMoves = 4;  // before a welcome: more is a circle

using Type = ServerMessage::Type;

}  // namespace

double monotonic_s() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double>(now).count();
}

Session::Session(SessionOptions options, Listener& listener)
    : options_(std::move(options)), listener_(listener) {}

bool Session::start() {
    const std::lock_guard<std::mutex> lock(starting_);
    Endpoint endpoint;
    if (thread_.joinable() || !Endpoint::parse(options_.url, endpoint)) return false;
    {
        const std::lock_guard<std::mutex> posting(posting_);
        if (!waker_.listen_to_itself()) return false;
    }
    is_stopping_ = false;
    is_running_ = true;
    thread_ = std::thread([this] { run(); });
    return true;
}

void Session::request_stop() {
    is_stopping_ = true;
    const std::lock_guard<std::mutex> lock(posting_);
    if (waker_.is_open()) waker_.send("", 1);
}

void Session::stop() {
    const std::lock_guard<std::mutex> lock(starting_);
    if (!thread_.joinable()) return;
    request_stop();
    thread_.join();
    const std::lock_guard<std::mutex> posting(posting_);
    waker_.close();
    commands_.clear();
    waiting_bytes_ = 0;
}

bool Session::open(const Opening& opening, Pace pace, double start_delay_s) {
    Opening paced = opening;
    paced.is_paced = pace == Pace::server;
    if (open_message(paced).empty()) return false;
    return post(kCommandBytes, [this, paced, pace, start_delay_s] {
        const auto [place, is_new] = characters_.try_emplace(
            paced.stream, Character{Spoken(paced), JitterBuffer(pace, start_delay_s)});
        if (!is_new) {
            listener_.on_refused(paced.stream, "exists", "the stream is open; close it first");
        } else if (is_joined_) {
            open_again(place->second);
        }
    });
}

bool Session::close(std::string_view stream) {
    return post(kCommandBytes, [this, name = std::string(stream)] {
        if (characters_.erase(name) > 0) send(close_message(name));
    });
}

bool Session::audio(std::string_view stream, std::uint32_t segment, std::string_view samples) {
    const auto command = [this, segment, data = std::string(samples)](Character& character) {
        const std::string& name = character.spoken.opening().stream;
        if (!character.spoken.audio(segment, data)) {
            ++counters_.dropped;
            listener_.on_refused(name, "busy", "ten minutes of audio wait; send it later");
            return;
        }
        for (std::size_t at = 0; at < data.size() && character.is_open; at += kAudioBytes) {
            send(audio_message(name, segment, std::string_view(data).substr(at, kAudioBytes)));
        }
    };
    return segment > 0 && post_to(stream, samples.size(), command);
}

bool Session::end(std::string_view stream, std::uint32_t segment) {
    return segment > 0 && post_to(stream, 0, [this, segment](Character& character) {
        character.spoken.end(segment);
        if (character.is_open) send(end_message(character.spoken.opening().stream, segment));
    });
}

bool Session::text(std::string_view stream, std::uint32_t segment, std::vector<std::string> words,
                   std::vector<double> times_s) {
    const std::string message = text_message(stream, segment, words, times_s);
    if (segment == 0 || message.empty()) return false;
    const auto command = [this, segment, message, words = std::move(words),
                          times_s = std::move(times_s)](Character& character) {
        character.spoken.text(segment, words, times_s);
        if (character.is_open) send(message);
    };
    return post_to(stream, 2 * message.size(), command);
}

bool Session::control(std::string_view stream, const Direction& direction) {
    const std::string message = control_message(stream, direction);
    if (message.empty()) return false;
    return post_to(stream, 2 * message.size(), [this, message, direction](Character& character) {
        character.spoken.direct(direction);
        if (character.is_open) send(message);
    });
}

bool Session::clear(std::string_view stream) {
    return post_to(stream, 0, [this](Character& character) {
        character.spoken.clear();
        if (character.is_open) {
            send(clear_message(character.spoken.opening().stream));
        } else {
            character.buffer.clear();  // nobody else would say so
            listener_.on_cleared(character.spoken.opening().stream, 0);
        }
    });
}

bool Session::playback(std::string_view stream, std::uint32_t segment, double position_s) {
    const double now_s = options_.now_s();
    return post_to(stream, 0, [this, segment, position_s, now_s](Character& character) {
        character.buffer.play(segment, position_s, now_s);
        if (!character.is_open || now_s - character.told_s < kPlaybackS) return;
        character.told_s = now_s;
        const double server_s = character.spoken.server_position_s(segment, position_s);
        send(playback_message(character.spoken.opening().stream, segment, server_s));
    });
}

bool Session::post(std::size_t cost_bytes, Command command) {
    const std::lock_guard<std::mutex> lock(posting_);
    if (waiting_bytes_ + cost_bytes > kMostWaitingBytes) return false;
    waiting_bytes_ += cost_bytes;
    commands_.push_back(std::move(command));
    if (waker_.is_open() && commands_.size() == 1) waker_.send("", 1);
    return true;
}

bool Session::post_to(std::string_view stream, std::size_t cost_bytes,
                      std::function<void(Character&)> command) {
    const auto find = [this, name = std::string(stream), command = std::move(command)] {
        const auto found = characters_.find(name);
        if (found != characters_.end()) {
            command(found->second);
        } else {
            listener_.on_refused(name, "stream", "the stream is not open; open it first");
        }
    };
    return post(kCommandBytes + cost_bytes, find);
}

void Session::run() {
    pause_s_ = 0;
    listener_.on_link(Link::looking, {});
    while (!is_stopping_) {
        const double now_s = options_.now_s();
        keep_link(now_s);
        obey();
        show(now_s);
        connection_.flush();
        connection_.wait(waker_, next_s(now_s) - now_s);
        for (std::string_view bytes; connection_.is_open() && connection_.next(bytes);) {
            hear(bytes, options_.now_s());
        }
        counters_.bad_messages += connection_.num_dropped() - num_dropped_;
        num_dropped_ = connection_.num_dropped();
    }
    say_goodbye();
    is_running_ = false;
}

// Look for a server, greet it, notice when it is gone.
void Session::keep_link(double now_s) {
    if (!connection_.is_open()) {
        if (!connection_.fault().empty()) lose(connection_.fault(), now_s);
        if (now_s - tried_s_ >= pause_s_) look_for(options_.url, now_s);
    } else if (!is_joined_) {
        if (connection_.is_ready() && !has_said_hello_) {
            has_said_hello_ = true;
            connection_.send(hello_message(options_.client, options_.token));
        }
        if (now_s - tried_s_ > kAnswerS) lose("the server says no welcome", now_s);
    } else if (now_s - heard_s_ > timeout_s_) {
        lose("no word from the server", now_s);
    } else if (now_s - pinged_s_ >= kPingS) {
        pinged_s_ = now_s;
        connection_.send(ping_message(round_trip_.ping(now_s)));
        for (auto& [name, character] : characters_) {
            if (!character.is_open) open_again(character);
        }
    }
}

void Session::look_for(const std::string& url, double now_s) {
    tried_s_ = now_s;
    has_said_hello_ = false;
    num_dropped_ = 0;
    Endpoint endpoint;
    if (!Endpoint::parse(url, endpoint) || !connection_.open(endpoint)) {
        lose("the address is none: " + url, now_s);
    }
}

void Session::lose(std::string_view why, double now_s) {
    const std::string reason(why);
    connection_.close();
    pause_s_ = is_joined_ ? kShortPauseS : std::clamp(2 * pause_s_, kShortPauseS, kLongPauseS);
    tried_s_ = now_s;
    num_moves_ = 0;
    is_joined_ = false;
    for (auto& [name, character] : characters_) character.is_open = false;
    listener_.on_link(Link::looking, reason);
}

void Session::obey() {
    if (!connection_.takes_more()) return;
    std::vector<Command> commands;
    {
        const std::lock_guard<std::mutex> lock(posting_);
        commands.swap(commands_);
        waiting_bytes_ = 0;
    }
    for (const Command& command : commands) command();
}

void Session::show(double now_s) {
    for (auto& [name, character] : characters_) {
        if (const std::optional<JitterBuffer::Due> due = character.buffer.take(now_s)) {
            ++counters_.shown;
            listener_.on_pose(name, due->frame, due->at_s);
        }
        const JitterBuffer& buffer = character.buffer;
        counters_.late += buffer.num_late() - std::exchange(character.num_late, buffer.num_late());
        counters_.dropped +=
            buffer.num_dropped() - std::exchange(character.num_dropped, buffer.num_dropped());
    }
}

double Session::next_s(double now_s) const {
    if (!connection_.is_open()) return std::max(now_s, tried_s_ + pause_s_);
    double next_s = now_s + (is_joined_ ? kPingS / 4 : kAnswerS / 4);
    for (const auto& [name, character] : characters_) {
        next_s = std::min(next_s, character.buffer.next_s(now_s));
    }
    return next_s;
}

void Session::hear(std::string_view bytes, double now_s) {
    ServerMessage message;
    if (!message.decode(bytes).empty()) {
        ++counters_.bad_messages;
        return;
    }
    heard_s_ = now_s;
    if (message.type == Type::welcome) {
        join(message, now_s);
    } else if (message.type == Type::moved) {
        move(message.url, now_s);
    } else if (message.type == Type::pong) {
        round_trip_.pong(message.number, now_s);
        counters_.round_trip_us = static_cast<std::uint32_t>(1e6 * round_trip_.least_s());
    } else if (message.type == Type::refusal) {
        hear_refusal(message, now_s);
    } else if (const auto found = characters_.find(message.stream); found != characters_.end()) {
        hear_of(found->second, message, now_s);
    }
}

void Session::join(const ServerMessage& message, double now_s) {
    if (is_joined_) return;
    if (!layout_.learn(message.bones, message.blendshapes)) {
        lose("the server has another skeleton or face; install its version of this plugin", now_s);
        return;
    }
    is_joined_ = true;
    num_moves_ = 0;
    timeout_s_ = message.timeout_s;
    pinged_s_ = 0;
    round_trip_ = RoundTrip();
    ++counters_.links;
    listener_.on_link(Link::joined, message.server);
    for (auto& [name, character] : characters_) open_again(character);
}

void Session::move(const std::string& url, double now_s) {
    if (is_joined_ || ++num_moves_ > kMostMoves) {
        ++counters_.bad_messages;
        return;
    }
    look_for(url, now_s);
}

void Session::hear_refusal(const ServerMessage& message, double now_s) {
    if (message.code == "type") return;  // a server that does not know `stand`
    listener_.on_refused(message.stream, message.code, message.reason);
    if (!is_joined_) lose(message.reason, now_s);
    const auto found = characters_.find(message.stream);
    if (found == characters_.end() || found->second.is_confirmed) return;
    // Before `opened` it can only be about `open`. A server is full, too, where it has not noticed
    // yet that this client has lost its first connection.
    if (message.code == "full") {
        found->second.is_open = false;
    } else if (message.code != "stream") {
        characters_.erase(found);
    }
}

void Session::hear_of(Character& character, const ServerMessage& message, double now_s) {
    Spoken& spoken = character.spoken;
    switch (message.type) {
        case Type::opened: character.is_confirmed = true; break;
        case Type::frame: hear_frame(character, message, now_s); break;
        case Type::ended:
            listener_.on_ended(message.stream, message.segment,
                               spoken.ended(message.segment, message.duration_s));
            break;
        case Type::cleared:
            spoken.cleared(message.segment);
            character.buffer.clear();
            listener_.on_cleared(message.stream, message.segment);
            break;
        default: break;
    }
}

void Session::hear_frame(Character& character, const ServerMessage& message, double now_s) {
    Frame frame;
    if (!layout_.read(message.payload, frame)) {
        ++counters_.bad_messages;
        return;
    }
    ++counters_.frames;
    frame.index = message.index;
    frame.segment = message.segment;
    frame.pts_s = message.pts_s;
    if (character.spoken.heard(frame, message.payload)) {
        character.buffer.push(frame, now_s, round_trip_.least_s());
    }
}

void Session::open_again(Character& character) {
    const double ahead_s = character.buffer.ahead_s(options_.now_s());
    for (const std::string& message : character.spoken.again(ahead_s)) send(message);
    character.is_open = true;
    character.is_confirmed = false;
    character.buffer.forget_clock();
}

void Session::send(std::string_view message) {
    if (is_joined_) connection_.send(message);
}

void Session::say_goodbye() {
    for (const auto& [name, character] : characters_) send(close_message(name));
    connection_.flush();
    connection_.close();
    characters_.clear();
    is_joined_ = has_said_hello_ = false;
}

}  // namespace umo
