// The project's golden messages: files, and what `wire.json` says of those that must be refused.
#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace golden {

inline std::string& folder() {
    static std::string path;
    return path;
}

// Empty where there is no such file.
inline std::string read(const std::string& name) {
    std::ifstream file(folder() + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The values of a key of wire.json, in the order in which they stand there.
inline std::vector<std::string> values_of(const std::string& text, const std::string& key) {
    std::vector<std::string> values;
    const std::string begin = "\"" + key + "\": \"";
    for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
        at += begin.size();
        values.push_back(text.substr(at, text.find('"', at) - at));
    }
    return values;
}

inline std::vector<std::string> files() { return values_of(read("wire.json"), "file"); }

}  // namespace golden
