#include "UmoMessagePackWriter.h"

#include <cstring>

namespace umo {

void MessagePackWriter::map(std::size_t size) {
    bytes_ += static_cast<char>(0x80 | size);
}

void MessagePackWriter::array(std::size_t size) {
    if (size < 16) {
        bytes_ += static_cast<char>(0x90 | size);
    } else {
        head(0xDC, size);
    }
}

void MessagePackWriter::text(std::string_view value) {
    if (value.size() < 32) {
        bytes_ += static_cast<char>(0xA0 | value.size());
    } else if (value.size() < 256) {
        number(0xD9, value.size(), 1);
    } else {
        head(0xDA, value.size());
    }
    bytes_ += value;
}

void MessagePackWriter::integer(std::uint32_t value) {
    if (value < 128) {
        bytes_ += static_cast<char>(value);
    } else if (value < 256) {
        number(0xCC, value, 1);
    } else if (value < 65536) {
        number(0xCD, value, 2);
    } else {
        number(0xCE, value, 4);
    }
}

void MessagePackWriter::real(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    number(0xCB, bits, 8);
}

void MessagePackWriter::boolean(bool value) {
    bytes_ += static_cast<char>(value ? 0xC3 : 0xC2);
}

void MessagePackWriter::texts(const std::vector<std::string>& values) {
    array(values.size());
    for (const std::string& value : values) text(value);
}

void MessagePackWriter::reals(const std::vector<double>& values) {
    array(values.size());
    for (const double value : values) real(value);
}

void MessagePackWriter::number(unsigned char kind, std::uint64_t value, int num_bytes) {
    bytes_ += static_cast<char>(kind);
    for (int shift = 8 * (num_bytes - 1); shift >= 0; shift -= 8) {
        bytes_ += static_cast<char>(value >> shift);
    }
}

// The size in two bytes, or in four with the kind that follows.
void MessagePackWriter::head(unsigned char kind, std::size_t size) {
    if (size < 65536) {
        number(kind, size, 2);
    } else {
        number(kind + 1, size, 4);
    }
}

}  // namespace umo
