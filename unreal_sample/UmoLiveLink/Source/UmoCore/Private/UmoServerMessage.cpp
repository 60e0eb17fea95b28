#include "UmoServerMessage.h"

#include <cmath>

#include "UmoClientMessages.h"
#include "UmoMessagePackReader.h"

namespace umo {
namespace {

using Message = ServerMessage;
using Type = ServerMessage::Type;
using Kind = MessagePackValue::Kind;
using Names = std::vector<std::string>;

constexpr std::size_t kPrefixBytes = 6;

// A field of a type: where it goes and whether it may be left out.
struct Field {
    std::string_view name;
    std::string Message::*text = nullptr;
    std::uint32_t Message::*integer = nullptr;
    double Message::*real = nullptr;
    Names Message::*names = nullptr;
    bool is_optional = false;
};

constexpr Field text(std::string_view name, std::string Message::*to, bool is_optional = false) {
    return {name, to, nullptr, nullptr, nullptr, is_optional};
}
constexpr Field integer(std::string_view name, std::uint32_t Message::*to) {
    return {name, nullptr, to, nullptr, nullptr, false};
}
constexpr Field real(std::string_view name, double Message::*to) {
    return {name, nullptr, nullptr, to, nullptr, false};
}
constexpr Field names(std::string_view name, Names Message::*to) {
    return {name, nullptr, nullptr, nullptr, to, false};
}

struct Schema {
    std::string_view name;
    Type type;
    std::vector<Field> fields;
};

const Schema* find_schema(std::string_view name, const std::vector<Schema>& schemas) {
    for (const Schema& schema : schemas) {
        if (schema.name == name) return &schema;
    }
    return nullptr;
}

const std::vector<Schema>& schemas() {
    static const std::vector<Schema> all = {
        {"frame", Type::frame,
         {text("stream", &Message::stream), integer("index", &Message::index),
          integer("segment", &Message::segment), real("pts_s", &Message::pts_s)}},
        {"pong", Type::pong, {integer("number", &Message::number)}},
        {"opened", Type::opened, {text("stream", &Message::stream)}},
        {"ended", Type::ended,
         {text("stream", &Message::stream), integer("segment", &Message::segment),
          real("duration_s", &Message::duration_s)}},
        {"cleared", Type::cleared,
         {text("stream", &Message::stream), integer("segment", &Message::segment)}},
        {"closed", Type::closed, {text("stream", &Message::stream)}},
        {"stats", Type::stats,
         {text("stream", &Message::stream), integer("frames", &Message::frames),
          real("audio_s", &Message::audio_s), integer("underruns", &Message::underruns),
          real("late_s", &Message::late_s), integer("skipped", &Message::skipped)}},
        {"notice", Type::notice, {integer("fps", &Message::fps)}},
        {"refusal", Type::refusal,
         {text("code", &Message::code), text("reason", &Message::reason),
          text("stream", &Message::stream, true)}},
        {"moved", Type::moved, {text("url", &Message::url)}},
        {"welcome", Type::welcome,
         {text("server", &Message::server), integer("max_streams", &Message::max_streams),
          integer("max_message_bytes", &Message::max_message_bytes),
          real("timeout_s", &Message::timeout_s), names("bones", &Message::bones),
          names("blendshapes", &Message::blendshapes)}},
    };
    return all;
}

bool take_names(const MessagePackValue& value, Names& names) {
    if (value.kind != Kind::list) return false;
    names.clear();
    for (const MessagePackValue& item : value.items) {
        if (item.kind != Kind::text) return false;
        names.emplace_back(item.text);
    }
    return true;
}

bool take(const Field& field, const MessagePackValue& value, Message& message) {
    if (field.text != nullptr) {
        message.*field.text = value.text;
        return value.kind == Kind::text;
    }
    if (field.integer != nullptr) {
        message.*field.integer = static_cast<std::uint32_t>(value.natural);
        return value.kind == Kind::natural && value.natural <= UINT32_MAX;
    }
    if (field.real != nullptr) {
        message.*field.real = value.real;
        const bool is_number =
            value.kind == Kind::real || value.kind == Kind::natural || value.kind == Kind::negative;
        return is_number && std::isfinite(value.real);
    }
    return take_names(value, message.*field.names);
}

std::string_view take_fields(const Schema& schema, const MessagePackRecord& record,
                             Message& message) {
    std::uint32_t found = 0;
    for (const auto& [name, value] : record) {
        if (name == "type") continue;
        std::size_t at = 0;
        while (at < schema.fields.size() && schema.fields[at].name != name) ++at;
        if (at == schema.fields.size()) return "field";
        if (!take(schema.fields[at], value, message)) return "value";
        found |= 1u << at;
    }
    for (std::size_t at = 0; at < schema.fields.size(); ++at) {
        if (!(found >> at & 1) && !schema.fields[at].is_optional) return "field";
    }
    return {};
}

}  // namespace

std::string_view ServerMessage::decode(std::string_view bytes) {
    *this = ServerMessage();
    if (bytes.size() > kMaxMessageBytes) return "size";
    if (bytes.size() < kPrefixBytes || bytes.substr(0, 3) != "UMO") return "magic";
    if (bytes[3] != 1) return "version";
    const std::size_t length =
        static_cast<unsigned char>(bytes[4]) | static_cast<unsigned char>(bytes[5]) << 8;
    const std::string_view packed = bytes.substr(kPrefixBytes, length);
    MessagePackRecord record;
    if (packed.size() != length || !MessagePackReader::read(packed, record)) return "record";
    payload = bytes.substr(kPrefixBytes + length);
    std::string_view name;
    for (const auto& [key, value] : record) {
        if (key == "type") name = value.kind == Kind::text ? value.text : std::string_view();
    }
    const Schema* schema = find_schema(name, schemas());
    if (schema == nullptr) return "type";
    type = schema->type;
    if (type != Type::frame && !payload.empty()) return "payload";
    return take_fields(*schema, record, *this);
}

}  // namespace umo
