#include "UmoMessagePackReader.h"

#include <cstring>

namespace umo {
namespace {

constexpr std::uint64_t kMostItems = 4096, kMostPairs = 64;  // as the server has it
constexpr int kMostDepth = 16;

using Kind = MessagePackValue::Kind;

}  // namespace

bool MessagePackReader::read(std::string_view bytes, MessagePackRecord& record) {
    record.clear();
    MessagePackReader reader(bytes);
    unsigned char kind = 0;
    std::uint64_t size = 0;
    if (!reader.byte(kind)) return false;
    if ((kind & 0xF0) == 0x80) {
        size = kind & 0x0F;
    } else if (kind != 0xDE && kind != 0xDF) {
        return false;
    } else if (!reader.number(kind == 0xDE ? 2 : 4, size)) {
        return false;
    }
    return reader.pairs(size, record, 0) && reader.rest_.empty();
}

bool MessagePackReader::value(MessagePackValue& value, int depth) {
    unsigned char kind = 0;
    if (depth > kMostDepth || !byte(kind)) return false;
    if (kind < 0x80) {
        value.kind = Kind::natural;
        value.real = static_cast<double>(value.natural = kind);
        return true;
    }
    if (kind < 0x90) return map(kind & 0x0F, value, depth);
    if (kind < 0xA0) return list(kind & 0x0F, value, depth);
    if (kind < 0xC0) return text(kind & 0x1F, value);
    if (kind >= 0xE0) {
        value.kind = Kind::negative;
        value.real = kind - 256;
        return true;
    }
    return long_value(kind, value, depth);
}

// What says its kind in a byte of its own. Extensions and binary data have no place in a record.
bool MessagePackReader::long_value(unsigned char kind, MessagePackValue& value, int depth) {
    std::uint64_t size = 0;
    switch (kind) {
        case 0xC0: return true;
        case 0xC2:
        case 0xC3:
            value.kind = Kind::boolean;
            value.natural = kind & 1;
            return true;
        case 0xCA: return real(4, value);
        case 0xCB: return real(8, value);
        case 0xCC:
        case 0xCD:
        case 0xCE:
        case 0xCF: return natural(std::size_t{1} << (kind - 0xCC), value);
        case 0xD0:
        case 0xD1:
        case 0xD2:
        case 0xD3: return integer(std::size_t{1} << (kind - 0xD0), value);
        case 0xD9:
        case 0xDA:
        case 0xDB: return number(std::size_t{1} << (kind - 0xD9), size) && text(size, value);
        case 0xDC:
        case 0xDD: return number(kind == 0xDC ? 2 : 4, size) && list(size, value, depth);
        case 0xDE:
        case 0xDF: return number(kind == 0xDE ? 2 : 4, size) && map(size, value, depth);
        default: return false;
    }
}

bool MessagePackReader::natural(std::size_t num_bytes, MessagePackValue& value) {
    value.kind = Kind::natural;
    if (!number(num_bytes, value.natural)) return false;
    value.real = static_cast<double>(value.natural);
    return true;
}

bool MessagePackReader::integer(std::size_t num_bytes, MessagePackValue& value) {
    std::uint64_t bits = 0;
    if (!number(num_bytes, bits)) return false;
    const std::uint64_t sign = std::uint64_t{1} << (8 * num_bytes - 1);
    value.kind = bits & sign ? Kind::negative : Kind::natural;
    value.natural = bits;
    // The magnitude of a two's complement: its bits turned over, and one more.
    const std::uint64_t magnitude = ~bits & (sign - 1);
    value.real = bits & sign ? -static_cast<double>(magnitude) - 1 : static_cast<double>(bits);
    return true;
}

bool MessagePackReader::real(std::size_t num_bytes, MessagePackValue& value) {
    std::uint64_t bits = 0;
    if (!number(num_bytes, bits)) return false;
    value.kind = Kind::real;
    if (num_bytes == 8) {
        std::memcpy(&value.real, &bits, sizeof value.real);
        return true;
    }
    const auto half = static_cast<std::uint32_t>(bits);
    float single = 0;
    std::memcpy(&single, &half, sizeof single);
    value.real = single;
    return true;
}

bool MessagePackReader::text(std::uint64_t size, MessagePackValue& value) {
    if (size > rest_.size()) return false;
    value.kind = Kind::text;
    value.text = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(value.text.size());
    return is_utf8(value.text);
}

bool MessagePackReader::list(std::uint64_t size, MessagePackValue& value, int depth) {
    if (size > kMostItems || size > rest_.size()) return false;
    value.kind = Kind::list;
    value.items.resize(static_cast<std::size_t>(size));
    for (MessagePackValue& item : value.items) {
        if (!this->value(item, depth + 1)) return false;
    }
    return true;
}

// A map in a record means nothing to us, but must be one.
bool MessagePackReader::map(std::uint64_t size, MessagePackValue& value, int depth) {
    value.kind = Kind::map;
    MessagePackRecord ignored;
    return pairs(size, ignored, depth + 1);
}

bool MessagePackReader::pairs(std::uint64_t size, MessagePackRecord& record, int depth) {
    if (size > kMostPairs || 2 * size > rest_.size()) return false;
    record.resize(static_cast<std::size_t>(size));
    for (auto& [name, value] : record) {
        MessagePackValue key;
        if (!this->value(key, depth + 1) || key.kind != Kind::text) return false;
        name = key.text;
        if (!this->value(value, depth + 1)) return false;
    }
    return true;
}

bool MessagePackReader::number(std::size_t num_bytes, std::uint64_t& value) {
    value = 0;
    for (std::size_t count = 0; count < num_bytes; ++count) {
        unsigned char next = 0;
        if (!byte(next)) return false;
        value = value << 8 | next;
    }
    return true;
}

bool MessagePackReader::byte(unsigned char& value) {
    if (rest_.empty()) return false;
    value = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return true;
}

bool is_utf8(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const auto first = static_cast<unsigned char>(bytes[at]);
        const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || at + size > bytes.size()) {
            return false;
        }
        std::uint32_t code = first & (0xFFu >> (size == 1 ? 1 : size + 1));
        for (std::size_t next = 1; next < size; ++next) {
            const auto following = static_cast<unsigned char>(bytes[at + next]);
            if ((following & 0xC0) != 0x80) return false;
            code = code << 6 | (following & 0x3F);
        }
        const bool is_overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
        const bool is_surrogate = code >= 0xD800 && code < 0xE000;
        if (is_overlong || is_surrogate || code > 0x10FFFF) return false;
        at += size;
    }
    return true;
}

}  // namespace umo
