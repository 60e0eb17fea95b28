#include "UmoFrame.h"

#include <cmath>
#include <cstring>

namespace umo {
namespace {

constexpr std::size_t kHipsAt = 4 * kNumBones, kFaceAt = kHipsAt + 3;
constexpr std::size_t kNumValues = kFaceAt + kNumBlendshapes;

float value_at(std::string_view payload, std::size_t place) {
    std::uint32_t bits = 0;
    for (int byte = 3; byte >= 0; --byte) {
        bits = bits << 8 | static_cast<unsigned char>(payload[4 * place + byte]);
    }
    float value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

bool is_unit(const std::array<float, 4>& rotation) {
    float length = 0;
    for (const float part : rotation) length += part * part;
    return std::abs(length - 1) < 1e-2f;
}

// `eyeBlinkLeft` is EyeBlinkLeft.
bool is_same(std::string_view ours, const std::string& theirs) {
    if (ours.size() != theirs.size() || ours.empty()) return false;
    const auto lower = [](char letter) { return static_cast<char>(letter | 0x20); };
    return lower(ours[0]) == lower(theirs[0]) && ours.substr(1) == theirs.substr(1);
}

bool find(std::string_view name, const std::vector<std::string>& names, std::size_t& place) {
    for (place = 0; place < names.size(); ++place) {
        if (is_same(name, names[place])) return true;
    }
    return false;
}

}  // namespace

bool FrameLayout::learn(const std::vector<std::string>& bones,
                        const std::vector<std::string>& blendshapes) {
    if (bones.size() != kNumBones || blendshapes.size() != kNumBlendshapes) return false;
    for (std::size_t bone = 0; bone < kNumBones; ++bone) {
        if (!find(kSkeleton[bone].name, bones, bone_at_[bone])) return false;
    }
    for (std::size_t shape = 0; shape < kNumBlendshapes; ++shape) {
        if (!find(kBlendshapes[shape], blendshapes, blendshape_at_[shape])) return false;
    }
    return true;
}

bool FrameLayout::read(std::string_view payload, Frame& frame) const {
    if (payload.size() != 4 * kNumValues) return false;
    for (std::size_t place = 0; place < kNumValues; ++place) {
        if (!std::isfinite(value_at(payload, place))) return false;
    }
    for (std::size_t bone = 0; bone < kNumBones; ++bone) {
        for (std::size_t part = 0; part < 4; ++part) {
            frame.rotations[bone][part] = value_at(payload, 4 * bone_at_[bone] + part);
        }
        if (!is_unit(frame.rotations[bone])) return false;
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
        frame.hips_m[axis] = value_at(payload, kHipsAt + axis);
    }
    for (std::size_t shape = 0; shape < kNumBlendshapes; ++shape) {
        frame.blendshapes[shape] = value_at(payload, kFaceAt + blendshape_at_[shape]);
    }
    return true;
}

}  // namespace umo
