// The messages that Python writes and refuses, in C++.
#include "golden.h"

#include <map>
#include <set>

#include "UmoClientMessages.h"
#include "UmoFrame.h"
#include "UmoServerMessage.h"
#include "check.h"

using Type = umo::ServerMessage::Type;

namespace {

template <typename Value>
std::string raw(const std::vector<Value>& values) {
    return {reinterpret_cast<const char*>(values.data()), sizeof(Value) * values.size()};
}

std::string golden_pose() {
    std::vector<float> values(275);
    for (std::size_t at = 0; at < values.size(); ++at) values[at] = static_cast<float>(at) / 256;
    return raw(values);
}

std::map<std::string, std::string> client_messages() {
    umo::Opening npc, all;
    npc.stream = "npc";
    all = {"Señor 7", 48000, true, 0xFFFFFFFF, true};
    umo::Direction joy, told, look_around;
    joy.emotion = "joy";
    told = {0.25, "anger", 0.5, "listening", std::vector<double>{-30, 12.5}};
    look_around.gaze_deg = std::vector<double>{};
    return {
        {"hello.bin", umo::hello_message("x", "")},
        {"hello_token.bin", umo::hello_message("game", "tök€n")},
        {"open.bin", umo::open_message(npc)},
        {"open_all.bin", umo::open_message(all)},
        {"stand.bin", umo::stand_message("npc", 4, 0.5, golden_pose())},
        {"stand_still.bin", umo::stand_message("npc", 0, 0, golden_pose())},
        {"audio_s16.bin",
         umo::audio_message("npc", 1, raw<std::int16_t>({0, 1, -1, 32767, -32768}))},
        {"audio_f32.bin", umo::audio_message("npc", 70000, raw<float>({0, 0.5f, -1, 0.0625f}))},
        {"audio_empty.bin", umo::audio_message("npc", 1, "")},
        {"end.bin", umo::end_message("npc", 1)},
        {"text.bin", umo::text_message("npc", 1, {"Hello,", "wörld"}, {})},
        {"text_times.bin", umo::text_message("npc", 2, {"Hello,", "world"}, {0, 0.5})},
        {"control.bin", umo::control_message("npc", joy)},
        {"control_all.bin", umo::control_message("npc", told)},
        {"control_gaze_free.bin", umo::control_message("npc", look_around)},
        {"clear.bin", umo::clear_message("npc")},
        {"playback.bin", umo::playback_message("npc", 3, 1.25)},
        {"close.bin", umo::close_message("npc")},
        {"ping.bin", umo::ping_message(0)},
        {"ping_number.bin", umo::ping_message(4294967295)},
        {"ask_stats.bin", umo::stats_message("npc")},
    };
}

umo::ServerMessage decoded(const std::string& bytes, Type type) {
    umo::ServerMessage message;
    CHECK(message.decode(bytes) == "");
    CHECK(message.type == type);
    return message;
}

const std::set<std::string> kFromServer = {
    "welcome.bin", "moved.bin",  "opened.bin", "frame.bin", "frame_living.bin",
    "ended.bin",   "cleared.bin", "closed.bin", "pong.bin",  "stats.bin",
    "notice.bin",  "refusal.bin", "refusal_stream.bin"};
// Only clients that ask for blocks get them; this one does not.
const std::set<std::string> kNotAskedFor = {"hello_blocks.bin", "block.bin"};

}  // namespace

TEST(client_messages_are_the_golden_bytes) {
    for (const auto& [file, bytes] : client_messages()) {
        if (!CHECK(bytes == golden::read(file))) std::fprintf(stderr, "%s\n", file.c_str());
    }
}

TEST(every_golden_file_is_used) {
    const auto ours = client_messages();
    std::size_t num_refused = 0;
    for (const std::string& file : golden::files()) {
        const bool is_refused = file.rfind("refused_", 0) == 0;
        num_refused += is_refused;
        const bool is_ours = ours.count(file) || kFromServer.count(file);
        CHECK(is_refused || is_ours || kNotAskedFor.count(file));
    }
    CHECK(num_refused >= 37 && golden::files().size() >= 32 + num_refused);
}

TEST(server_messages_decode_to_the_golden_fields) {
    const std::string welcome_bytes = golden::read("welcome.bin");
    const umo::ServerMessage welcome = decoded(welcome_bytes, Type::welcome);
    CHECK(welcome.server == "umo 0.1.0" && welcome.max_streams == 64);
    CHECK(welcome.max_message_bytes == umo::kMaxMessageBytes && welcome.timeout_s == 10);
    umo::FrameLayout layout;
    CHECK(layout.learn(welcome.bones, welcome.blendshapes));
    CHECK(decoded(golden::read("moved.bin"), Type::moved).url == "tcp://127.0.0.1:40001");
    CHECK(decoded(golden::read("opened.bin"), Type::opened).stream == "npc");
    CHECK(decoded(golden::read("closed.bin"), Type::closed).stream == "npc");
    CHECK(decoded(golden::read("pong.bin"), Type::pong).number == 7);
    CHECK(decoded(golden::read("notice.bin"), Type::notice).fps == 20);
    const umo::ServerMessage ended = decoded(golden::read("ended.bin"), Type::ended);
    CHECK(ended.stream == "npc" && ended.segment == 1 && ended.duration_s == 13.875);
    const umo::ServerMessage cleared = decoded(golden::read("cleared.bin"), Type::cleared);
    CHECK(cleared.stream == "npc" && cleared.segment == 1);
    const umo::ServerMessage stats = decoded(golden::read("stats.bin"), Type::stats);
    CHECK(stats.frames == 300 && stats.audio_s == 10 && stats.underruns == 1);
    CHECK(stats.late_s == 0.0625 && stats.skipped == 2);
    const umo::ServerMessage refusal = decoded(golden::read("refusal.bin"), Type::refusal);
    CHECK(refusal.code == "full" && refusal.stream.empty());
    CHECK(refusal.reason == "64 streams are open; close one first");
    CHECK(decoded(golden::read("refusal_stream.bin"), Type::refusal).stream == "npc");
}

TEST(frames_hold_the_golden_floats) {
    const std::string bytes = golden::read("frame.bin");
    const umo::ServerMessage frame = decoded(bytes, Type::frame);
    CHECK(frame.stream == "npc" && frame.index == 12 && frame.segment == 1 && frame.pts_s == 0.4);
    CHECK(frame.payload == golden_pose());
    const std::string living_bytes = golden::read("frame_living.bin");
    const umo::ServerMessage living = decoded(living_bytes, Type::frame);
    CHECK(living.index == 100000 && living.segment == 0 && living.pts_s == 3333.3);
}

// Where only a server must refuse, what is wrong is another type or, at the latest, its fields.
TEST(what_python_refuses_is_refused_with_its_code) {
    const std::string text = golden::read("wire.json");
    const std::string refused = text.substr(text.find("\"refused\": ["));
    const std::vector<std::string> files = golden::values_of(refused, "file");
    const std::vector<std::string> codes = golden::values_of(refused, "code");
    CHECK(files.size() == codes.size() && !files.empty());
    for (std::size_t at = 0; at < files.size(); ++at) {
        umo::ServerMessage message;
        const std::string bytes = golden::read(files[at]);
        const std::string_view code = message.decode(bytes);
        const bool is_for_server = files[at].rfind("refused_client_", 0) == 0;
        if (is_for_server) continue;
        if (!CHECK(code == codes[at])) std::fprintf(stderr, "%s\n", files[at].c_str());
    }
}

TEST(fields_that_do_not_fit_are_refused) {
    using namespace std::string_view_literals;
    const auto framed = [](std::string_view record, std::string_view payload = {}) {
        std::string bytes("UMO\1");
        bytes += static_cast<char>(record.size());
        bytes += '\0';
        return bytes.append(record).append(payload);
    };
    const struct {
        std::string bytes;
        std::string_view code;
    } cases[] = {
        {framed("\x82\xA4type\xA4pong\xA6number\x07"sv), ""},
        {framed("\x81\xA4type\xA4pong"sv), "field"},
        {framed("\x83\xA4type\xA4pong\xA6number\x07\xA1x\x01"sv), "field"},
        {framed("\x82\xA4type\xA4pong\xA6number\xFF"sv), "value"},
        {framed("\x82\xA4type\xA4pong\xA6number\xC3"sv), "value"},
        {framed("\x82\xA4type\xA4pong\xA6number\xC0"sv), "value"},
        {framed("\x82\xA4type\xA4pong\xA6number\xCF\0\0\0\1\0\0\0\0"sv), "value"},
        {framed("\x82\xA4type\xA4pong\xA6number\x07"sv, "x"), "payload"},
        {framed("\x84\xA4type\xA5" "ended\xA6stream\xA1x\xA7segment\1\xAA" "duration_s\xCB\x7F\xF0\0\0"
                "\0\0\0\0"sv), "value"},  // infinite
        {std::string(umo::kMaxMessageBytes + 1, 'U'), "size"},
    };
    for (const auto& [bytes, code] : cases) {
        umo::ServerMessage message;
        CHECK(message.decode(bytes) == code);
    }
}

TEST(what_does_not_fit_a_message_gives_none) {
    CHECK(umo::hello_message("x", std::string(70000, 't')).empty());
    CHECK(umo::audio_message("npc", 1, std::string(umo::kMaxMessageBytes, 's')).empty());
    CHECK(!umo::audio_message("npc", 1, std::string(umo::kMaxMessageBytes - 100, 's')).empty());
}
