// Random bytes and mutated golden messages through everything that reads what a server sends.
// To be run under sanitizers: it fails by crashing, and where nothing or all was understood.
#include <cstdio>
#include <cstdlib>
#include <random>

#include "UmoFrame.h"
#include "UmoJitterBuffer.h"
#include "UmoServerMessage.h"
#include "UmoSpoken.h"
#include "UmoZmtp.h"
#include "golden.h"

namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most - 1)(random);
}

std::string noise(Random& random, std::size_t most) {
    std::string bytes(below(random, most), '\0');
    for (char& byte : bytes) byte = static_cast<char>(below(random, 256));
    return bytes;
}

// Change, cut, double or insert a few bytes; often those of the record, not of the payload.
std::string mutated(std::string bytes, Random& random) {
    for (std::size_t count = 1 + below(random, 4); count > 0 && !bytes.empty(); --count) {
        const std::size_t at = below(random, std::min<std::size_t>(bytes.size(), 120));
        switch (below(random, 5)) {
            case 0: bytes[at] = static_cast<char>(below(random, 256)); break;
            case 1: bytes[at] = static_cast<char>(bytes[at] ^ 1 << below(random, 8)); break;
            case 2: bytes.resize(at); break;
            case 3: bytes.insert(at, bytes.substr(at, below(random, 40))); break;
            default: bytes.insert(at, noise(random, 12)); break;
        }
    }
    return bytes;
}

struct Receiver {
    umo::FrameLayout layout;
    umo::Spoken spoken{umo::Opening{"npc", 16000, false, {}, false}};
    umo::JitterBuffer buffer{umo::Pace::automatic, 0.1};
    std::size_t num_understood = 0, num_refused = 0;
    double now_s = 0;

    Receiver() {
        umo::ServerMessage welcome;
        const std::string bytes = golden::read("welcome.bin");
        const bool is_known = welcome.decode(bytes).empty() &&
                              layout.learn(welcome.bones, welcome.blendshapes);
        if (!is_known) std::abort();
    }

    void hear(std::string_view bytes) {
        umo::ServerMessage message;
        if (!message.decode(bytes).empty()) {
            ++num_refused;
            return;
        }
        ++num_understood;
        umo::FrameLayout other;
        other.learn(message.bones, message.blendshapes);
        umo::Frame frame;
        layout.read(message.payload, frame);
        frame.index = message.index;
        frame.segment = message.segment;
        frame.pts_s = message.pts_s;
        spoken.audio(1 + message.segment % 3, "some audio ");
        spoken.heard(frame, message.payload);
        spoken.ended(message.segment, message.duration_s);
        buffer.push(frame, now_s, 0);
        buffer.take(now_s += 0.01);
        if (num_understood % 100 == 0) spoken.again(buffer.ahead_s(now_s));
    }
};

// Through the transport as well, in pieces of any size.
void hear_stream(const std::string& bytes, Receiver& receiver, Random& random) {
    umo::ZmtpDealer dealer(1 << 20);
    std::string answers;
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t size = std::min(1 + below(random, 700), bytes.size() - at);
        dealer.feed(bytes.data() + at, size);
        at += size;
        for (std::string_view message; dealer.next(message, answers);) receiver.hear(message);
    }
}

}  // namespace

int main(int num_arguments, char** arguments) {
    if (num_arguments != 4) {
        std::fprintf(stderr, "usage: umo_fuzz FOLDER_OF_GOLDEN_FILES SEED ROUNDS\n");
        return 2;
    }
    golden::folder() = arguments[1];
    Random random(static_cast<Random::result_type>(std::atoi(arguments[2])));
    std::vector<std::string> known;
    for (const std::string& file : golden::files()) known.push_back(golden::read(file));
    Receiver receiver;
    const std::string opening = umo::ZmtpDealer::opening();
    for (int round = std::atoi(arguments[3]); round > 0; --round) {
        receiver.hear(noise(random, 200));
        receiver.hear(mutated(known[below(random, known.size())], random));
        std::string messages;
        for (int count = 0; count < 3; ++count) {
            umo::ZmtpDealer::append(known[below(random, known.size())], messages);
        }
        const bool spoils_opening = below(random, 8) == 0;
        hear_stream(spoils_opening ? mutated(opening + messages, random)
                                   : opening + mutated(messages, random),
                    receiver, random);
    }
    std::printf("%zu understood, %zu refused\n", receiver.num_understood, receiver.num_refused);
    return receiver.num_understood > 0 && receiver.num_refused > 0 ? 0 : 1;
}
