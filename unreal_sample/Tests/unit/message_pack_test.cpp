#include "check.h"

#include "UmoMessagePackReader.h"
#include "UmoMessagePackWriter.h"

using namespace std::string_view_literals;
using umo::MessagePackReader;
using umo::MessagePackRecord;
using umo::MessagePackWriter;
using Kind = umo::MessagePackValue::Kind;

namespace {

// The value of {"a": value}.
bool read_value(std::string_view value, umo::MessagePackValue& read) {
    MessagePackRecord record;
    const std::string bytes = "\x81\xA1" "a" + std::string(value);
    if (!MessagePackReader::read(bytes, record) || record.size() != 1) return false;
    read = record[0].second;
    return record[0].first == "a";  // texts point into `bytes`, which is gone: only look at numbers
}

}  // namespace

TEST(integers_take_the_shortest_form) {
    const struct {
        std::uint32_t value;
        std::string_view bytes;
    } cases[] = {
        {0, "\0"sv}, {127, "\x7F"sv}, {128, "\xCC\x80"sv}, {255, "\xCC\xFF"sv},
        {256, "\xCD\1\0"sv}, {65535, "\xCD\xFF\xFF"sv}, {65536, "\xCE\0\1\0\0"sv},
        {0xFFFFFFFF, "\xCE\xFF\xFF\xFF\xFF"sv},
    };
    for (const auto& [value, bytes] : cases) {
        MessagePackWriter writer;
        writer.integer(value);
        CHECK(writer.bytes() == bytes);
        umo::MessagePackValue read;
        CHECK(read_value(bytes, read) && read.kind == Kind::natural && read.natural == value);
    }
}

TEST(numbers_of_every_form_are_read) {
    const struct {
        std::string_view bytes;
        Kind kind;
        double value;
    } cases[] = {
        {"\xFF"sv, Kind::negative, -1}, {"\xE0"sv, Kind::negative, -32},
        {"\xD0\x80"sv, Kind::negative, -128}, {"\xD1\x80\0"sv, Kind::negative, -32768},
        {"\xD2\xFF\xFF\xFF\xFE"sv, Kind::negative, -2},
        {"\xD3\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFD"sv, Kind::negative, -3},
        {"\xD0\x05"sv, Kind::natural, 5}, {"\xCF\0\0\0\1\0\0\0\0"sv, Kind::natural, 4294967296.0},
        {"\xCA\x3F\xC0\0\0"sv, Kind::real, 1.5},
        {"\xCB\xBF\xE0\0\0\0\0\0\0"sv, Kind::real, -0.5},
    };
    for (const auto& [bytes, kind, value] : cases) {
        umo::MessagePackValue read;
        CHECK(read_value(bytes, read) && read.kind == kind && read.real == value);
    }
}

TEST(texts_and_lists_of_every_length_come_back) {
    for (const std::size_t size : {0u, 15u, 16u, 31u, 32u, 255u, 256u, 4096u}) {
        MessagePackWriter writer;
        writer.map(2);
        writer.text("text");
        writer.text(std::string(size, 't'));
        writer.text("list");
        writer.texts(std::vector<std::string>(size, "x"));
        MessagePackRecord record;
        CHECK(MessagePackReader::read(writer.bytes(), record) && record.size() == 2);
        CHECK(record[0].second.text == std::string(size, 't'));
        CHECK(record[1].second.items.size() == size);
    }
    MessagePackWriter writer;
    writer.map(1);
    writer.text("list");
    writer.texts(std::vector<std::string>(4097, "x"));
    MessagePackRecord record;
    CHECK(!MessagePackReader::read(writer.bytes(), record));  // more than the protocol's most
}

TEST(what_is_no_record_is_refused) {
    const std::string deep = "\x81\xA1" "a" + std::string(100000, '\x91') + "\1";
    const std::string_view cases[] = {
        "", "\x90"sv, "\1"sv, "\x81"sv, "\x81\xA1" "a"sv, "\x81\1\1"sv, "\x80\x80"sv,
        "\x81\xA1" "a\xC1"sv, "\x81\xA1" "a\xC4\0"sv, "\x81\xA1" "a\xD4\1\1"sv,
        "\x81\xA1" "a\xDD\xFF\xFF\xFF\xFF"sv, "\x81\xA1" "a\xDB\xFF\xFF\xFF\xFF"sv,
        "\xDF\xFF\xFF\xFF\xFF"sv, "\x81\xA1\xFF\1"sv, deep,
    };
    for (const std::string_view bytes : cases) {
        MessagePackRecord record;
        CHECK(!MessagePackReader::read(bytes, record));
    }
}

TEST(utf_8_is_told_from_what_is_none) {
    for (const std::string_view text : {"", "Señor", "€", "\xF0\x9F\x98\x80", "\xEF\xBF\xBF"}) {
        CHECK(umo::is_utf8(text));
    }
    for (const std::string_view text : {"\x80", "\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80",
                                        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC3(",
                                        "\xF0\x80\x80\x80", "\xE2\x82"}) {
        CHECK(!umo::is_utf8(text));
    }
}
