#include "scenarios.h"

#include <algorithm>
#include <thread>

#include "recorder.h"

namespace live {
namespace {

using umo::Pace;

umo::SessionOptions at(const std::string& url) {
    umo::SessionOptions options;
    options.url = url;
    return options;
}

umo::Opening opening(const std::string& stream) {
    umo::Opening made;
    made.stream = stream;
    made.seed = 7;
    return made;
}

double seconds_of(const std::string& speech) {
    return static_cast<double>(speech.size()) / 2 / kRateHz;
}

// A machine that runs many tests at once makes few frames, and late ones: a check of how many came
// would test the machine. Those that came must be shown, in order and to the end.
constexpr double kMostMissingS = 0.5;

// Real time, as an audio device makes it pass.
class Metronome {
public:
    explicit Metronome(double period_s) : period_s_(period_s), begin_s_(umo::monotonic_s()) {}

    double position_s() const { return umo::monotonic_s() - begin_s_; }
    void tick() {
        next_s_ += period_s_;
        const double rest_s = begin_s_ + next_s_ - umo::monotonic_s();
        std::this_thread::sleep_for(std::chrono::duration<double>(std::max(0.0, rest_s)));
    }

private:
    double period_s_;
    double begin_s_;
    double next_s_ = 0;
};

bool has_ended(Recorder& recorder, const std::string& stream, std::uint32_t segment) {
    return recorder.of(stream).ended_s.count(segment) > 0;
}

// Life resumes behind a segment when all of it was shown.
bool is_over(Recorder& recorder, const std::string& stream, double seconds) {
    const std::vector<double>& pts_s = recorder.of(stream).pts_s[1];
    return !pts_s.empty() && pts_s.back() > seconds - kMostMissingS;
}

double widest_gap_s(const std::vector<double>& times_s) {
    double widest_s = 0;
    for (std::size_t at = 1; at < times_s.size(); ++at) {
        widest_s = std::max(widest_s, times_s[at] - times_s[at - 1]);
    }
    return widest_s;
}

void check_order(const Heard& heard) {
    for (const auto& [segment, pts_s] : heard.pts_s) {
        CHECK(segment == 0 || std::is_sorted(pts_s.begin(), pts_s.end()));
    }
    CHECK(std::is_sorted(heard.source_s.begin(), heard.source_s.end()));
    CHECK(std::is_sorted(heard.indices.begin(), heard.indices.end()));
    CHECK(std::adjacent_find(heard.indices.begin(), heard.indices.end()) == heard.indices.end());
}

void check_speech(const Heard& heard, double seconds) {
    const auto found = heard.pts_s.find(1);
    if (!CHECK(found != heard.pts_s.end())) return;
    const std::vector<double>& pts_s = found->second;
    CHECK(static_cast<double>(pts_s.size()) <= 30 * seconds + 4);  // they end 0.1 s behind
    CHECK(static_cast<double>(pts_s.size()) > 3 * seconds && pts_s.back() > seconds - kMostMissingS);
    CHECK(heard.mouth > 0.1);
    check_order(heard);
}

// The longest time for which a character stood still, but for the first second.
double longest_gap_s(const Heard& heard) {
    const std::size_t skipped = std::min<std::size_t>(30, heard.shown_s.size());
    return widest_gap_s({heard.shown_s.begin() + static_cast<std::ptrdiff_t>(skipped),
                         heard.shown_s.end()});
}

void say_all(umo::Session& session, const std::string& stream, const std::string& speech) {
    CHECK(session.text(stream, 1, {"I", "say", "all", "of", "this"}));
    CHECK(session.audio(stream, 1, speech));
    CHECK(session.end(stream, 1));
}

}  // namespace

void talk(const std::string& url, const std::string& speech) {
    Recorder recorder;
    umo::Session session(at(url), recorder);
    CHECK(session.open(opening("before the start"), Pace::automatic));
    CHECK(session.start());
    CHECK(session.open(opening("playhead"), Pace::playhead));
    CHECK(session.open(opening("paced"), Pace::server));
    CHECK(session.open(opening("paced"), Pace::server));
    CHECK(session.audio("nobody", 1, speech));
    umo::Direction joy;
    joy.emotion = "joy";
    joy.gaze_deg = {20.0, 0.0};
    CHECK(session.control("paced", joy));
    const std::string names[] = {"before the start", "playhead", "paced"};
    recorder.wait("all live", [&](Recorder& heard) {
        return !heard.of(names[0]).indices.empty() && !heard.of(names[1]).indices.empty() &&
               !heard.of(names[2]).indices.empty();
    });
    for (const std::string& name : names) say_all(session, name, speech);
    const double seconds = seconds_of(speech);
    Metronome audio(0.01);
    const auto is_heard = [&] {
        const std::map<std::uint32_t, std::vector<double>> pts_s = recorder.heard("playhead").pts_s;
        return pts_s.count(1) > 0 && pts_s.at(1).back() > seconds - kMostMissingS;
    };
    for (; !is_heard() && audio.position_s() < seconds + 20; audio.tick()) {
        CHECK(session.playback("playhead", 1, audio.position_s()));
    }
    for (const std::string& name : names) {
        recorder.wait("the end", [&](Recorder& heard) {
            return has_ended(heard, name, 1) && is_over(heard, name, seconds);
        });
        CHECK(check::is_near(recorder.heard(name).ended_s[1], seconds, 1e-3));
        check_speech(recorder.heard(name), seconds);
    }
    recorder.wait("refusals", [](Recorder& heard) {
        return heard.was_refused("paced:exists") && heard.was_refused("nobody:stream");
    });
    CHECK(session.close("paced"));
    const umo::Counters& counters = session.counters();
    CHECK(counters.bad_messages == 0 && counters.dropped == 0 && counters.round_trip_us > 0);
    session.stop();
    const double shown = static_cast<double>(counters.shown), late = counters.late;
    std::printf("shown %.0f, late %.0f, least round trip %u us\n", shown, late,
                counters.round_trip_us.load());
}

void interrupt(const std::string& url, const std::string& speech) {
    Recorder recorder;
    umo::Session session(at(url), recorder);
    CHECK(session.start());
    CHECK(session.open(opening("npc"), Pace::automatic));
    say_all(session, "npc", speech);
    recorder.wait("speech", [](Recorder& heard) { return heard.of("npc").pts_s[1].size() > 10; });
    CHECK(session.clear("npc"));
    recorder.wait("cleared", [](Recorder& heard) { return heard.of("npc").cleared.size() == 1; });
    CHECK(recorder.heard("npc").cleared[0] == 1);
    const std::size_t before = recorder.heard("npc").pts_s[1].size();
    CHECK(session.audio("npc", 2, speech) && session.end("npc", 2));
    recorder.wait("more", [](Recorder& heard) { return heard.of("npc").pts_s[2].size() > 10; });
    CHECK(recorder.heard("npc").pts_s[1].size() == before);
    CHECK(before < 0.9 * 30 * seconds_of(speech));
    check_order(recorder.heard("npc"));
}

void crowd(const std::string& url, const std::string& speech, int num_streams, double seconds) {
    Recorder recorder;
    umo::Session session(at(url), recorder);
    CHECK(session.start());
    std::vector<std::string> names;
    for (int number = 0; number < num_streams; ++number) {
        names.push_back("npc " + std::to_string(number));
        CHECK(session.open(opening(names.back()), Pace::automatic));
    }
    for (const std::string& name : names) {
        recorder.wait("life", [&](Recorder& heard) { return !heard.of(name).indices.empty(); });
    }
    const double began_s = umo::monotonic_s();
    const std::size_t piece = 640;  // 20 ms
    std::size_t place = 0;
    for (Metronome voice(0.02); voice.position_s() < seconds; voice.tick()) {
        for (const std::string& name : names) {
            CHECK(session.audio(name, 1, std::string_view(speech).substr(place, piece)));
        }
        place = place + 2 * piece > speech.size() ? 0 : place + piece;
    }
    const double took_s = umo::monotonic_s() - began_s;
    session.stop();
    const double shown = static_cast<double>(session.counters().shown);
    double longest_s = 0, mouth = 1;
    for (const std::string& name : names) {
        const Heard heard = recorder.heard(name);
        check_order(heard);
        longest_s = std::max(longest_s, longest_gap_s(heard));
        mouth = std::min(mouth, heard.mouth);
    }
    const double came = static_cast<double>(session.counters().frames);
    const double late = static_cast<double>(session.counters().late);
    std::printf("%d characters, %.1f s: %.1f poses a second each, longest gap %.0f ms, late %.0f\n",
                num_streams, took_s, shown / num_streams / took_s, 1000 * longest_s, late);
    CHECK(came > num_streams * took_s && shown + late <= came);
    CHECK(shown + late > came - 30 * num_streams && mouth > 0.1);  // what still waits
    CHECK(session.counters().bad_messages == 0 && session.counters().dropped == 0);
}

void come_back(const std::string& url, const std::string& speech) {
    Recorder recorder;
    umo::Session session(at(url), recorder);
    CHECK(session.start());
    CHECK(session.open(opening("npc"), Pace::server));
    say_all(session, "npc", speech);
    const double seconds = seconds_of(speech);
    recorder.wait("speech", [&](Recorder& heard) {
        return heard.of("npc").pts_s[1].size() > 3 * seconds;
    });
    std::printf("speaks\n");
    std::fflush(stdout);
    recorder.wait("loss", [](Recorder& heard) { return heard.num_lost() > 0; });
    std::printf("lost\n");
    std::fflush(stdout);
    recorder.wait("return", [](Recorder& heard) { return heard.num_joined() == 2; }, 60);
    recorder.wait("the end", [](Recorder& heard) { return has_ended(heard, "npc", 1); }, 60);
    CHECK(check::is_near(recorder.heard("npc").ended_s[1], seconds, 1e-3));
    check_speech(recorder.heard("npc"), seconds);
    const std::vector<double> pts_s = recorder.heard("npc").pts_s[1];
    CHECK(widest_gap_s(pts_s) < kMostMissingS);
    std::printf("%zu frames of %.1f s, at most %.0f ms missing\n", pts_s.size(), seconds,
                1000 * (widest_gap_s(pts_s) - 1 / 30.0));
}

void cycles(const std::string& url, int count) {
    double longest_s = 0;
    for (int cycle = 0; cycle < count; ++cycle) {
        Recorder recorder;
        umo::Session session(at(url), recorder);
        CHECK(session.start());
        CHECK(session.open(opening("npc"), Pace::automatic));
        if (cycle % 2 == 0) {
            recorder.wait("life", [](Recorder& heard) { return !heard.of("npc").indices.empty(); });
        }
        const double before_s = umo::monotonic_s();
        session.stop();
        longest_s = std::max(longest_s, umo::monotonic_s() - before_s);
        CHECK(session.start());  // once more, as an editor does
    }
    std::printf("%d cycles, longest stop %.1f ms\n", count, 1000 * longest_s);
    CHECK(longest_s < 0.2);
}

}  // namespace live
