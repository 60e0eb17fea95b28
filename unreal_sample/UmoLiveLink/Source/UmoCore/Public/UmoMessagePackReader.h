// Reads a record of MessagePack: a map from names to scalars, texts and lists of those.
// Source: https://github.com/msgpack/msgpack/blob/master/spec.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "UmoExport.h"

namespace umo {

// A value; texts point into the bytes that were read.
struct UMOCORE_API MessagePackValue {
    enum class Kind { nil, boolean, natural, negative, real, text, list, map };

    Kind kind = Kind::nil;
    std::uint64_t natural = 0;
    double real = 0;  // of natural and negative as well
    std::string_view text;
    std::vector<MessagePackValue> items;  // of a list
};

using MessagePackRecord = std::vector<std::pair<std::string_view, MessagePackValue>>;

class UMOCORE_API MessagePackReader {
public:
    // False where the bytes are no record, are more than one, or nest and repeat beyond reason.
    static bool read(std::string_view bytes, MessagePackRecord& record);

private:
    explicit MessagePackReader(std::string_view bytes) : rest_(bytes) {}

    bool value(MessagePackValue& value, int depth);
    bool long_value(unsigned char kind, MessagePackValue& value, int depth);
    bool natural(std::size_t num_bytes, MessagePackValue& value);
    bool integer(std::size_t num_bytes, MessagePackValue& value);
    bool real(std::size_t num_bytes, MessagePackValue& value);
    bool text(std::uint64_t size, MessagePackValue& value);
    bool list(std::uint64_t size, MessagePackValue& value, int depth);
    bool map(std::uint64_t size, MessagePackValue& value, int depth);
    bool pairs(std::uint64_t size, MessagePackRecord& record, int depth);
    bool number(std::size_t num_bytes, std::uint64_t& value);
    bool byte(unsigned char& value);

    std::string_view rest_;
};

// Whether bytes are UTF-8, without surrogates and overlong forms.
UMOCORE_API bool is_utf8(std::string_view bytes);

}  // namespace umo
