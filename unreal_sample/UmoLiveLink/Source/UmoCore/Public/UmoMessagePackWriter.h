// Writes MessagePack: the shortest forms, floats as float64.
// Source: https://github.com/msgpack/msgpack/blob/master/spec.md
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "UmoExport.h"

namespace umo {

class UMOCORE_API MessagePackWriter {
public:
    void map(std::size_t size);  // at most 15 pairs
    void array(std::size_t size);
    void text(std::string_view value);
    void integer(std::uint32_t value);
    void real(double value);
    void boolean(bool value);
    void texts(const std::vector<std::string>& values);
    void reals(const std::vector<double>& values);

    const std::string& bytes() const { return bytes_; }

private:
    void number(unsigned char kind, std::uint64_t value, int num_bytes);
    void head(unsigned char kind, std::size_t size);

    std::string bytes_;
};

}  // namespace umo
