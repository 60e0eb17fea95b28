// What a game does with a session, against a real server. Speech is 16 kHz int16.
#pragma once

#include <string>

namespace live {

constexpr double kRateHz = 16000;

// Three characters with each pace; all of the speech comes back at its time.
void talk(const std::string& url, const std::string& speech);
// An interruption in the middle of the speech, and what comes after.
void interrupt(const std::string& url, const std::string& speech);
// Many characters that listen and speak at the pace of real time.
void crowd(const std::string& url, const std::string& speech, int num_streams, double seconds);
// The server goes away in the middle of the speech and comes back; says so on stdout.
void come_back(const std::string& url, const std::string& speech);
// Begin and end again and again.
void cycles(const std::string& url, int count);

}  // namespace live
