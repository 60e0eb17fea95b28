#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "check.h"
#include "scenarios.h"

int main(int num_arguments, char** arguments) {
    if (num_arguments < 4) {
        std::fprintf(stderr, "usage: umo_live talk|interrupt|crowd|come_back|cycles URL SPEECH_S16 "
                             "[NUMBER] [SECONDS]\n");
        return 2;
    }
    const std::string name = arguments[1], url = arguments[2];
    std::ifstream file(arguments[3], std::ios::binary);
    const std::string speech{std::istreambuf_iterator<char>(file),
                             std::istreambuf_iterator<char>()};
    const int number = num_arguments > 4 ? std::atoi(arguments[4]) : 1;
    const double seconds = num_arguments > 5 ? std::atof(arguments[5]) : 1;
    if (name == "talk") {
        live::talk(url, speech);
    } else if (name == "interrupt") {
        live::interrupt(url, speech);
    } else if (name == "crowd") {
        live::crowd(url, speech, number, seconds);
    } else if (name == "come_back") {
        live::come_back(url, speech);
    } else if (name == "cycles") {
        live::cycles(url, number);
    } else {
        std::fprintf(stderr, "no such scenario: %s\n", name.c_str());
        return 2;
    }
    return check::num_failed() == 0 ? 0 : 1;
}
