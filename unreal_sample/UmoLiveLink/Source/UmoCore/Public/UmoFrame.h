// One pose of one character, in the project's space: metres, right-handed, y up, the character faces
// +z, its left is +x.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "UmoBlendshapes.h"
#include "UmoExport.h"
#include "UmoSkeleton.h"

namespace umo {

constexpr double kFrameS = 1.0 / 30;

struct Frame {
    std::uint32_t index = 0;  // in its stream
    std::uint32_t segment = 0;  // what is said; 0: the character only lives
    double pts_s = 0;  // on the segment's own audio
    std::array<std::array<float, 4>, kNumBones> rotations{};  // x y z w, in the order of kSkeleton
    std::array<float, 3> hips_m{};
    std::array<float, kNumBlendshapes> blendshapes{};  // 0..1, in the order of kBlendshapes
};

// Where a server's frames have what. It may list bones and blendshapes in an order of its own.
class UMOCORE_API FrameLayout {
public:
    // Take the names of `welcome`; false where they are not those of the skeleton and of ARKit.
    bool learn(const std::vector<std::string>& bones, const std::vector<std::string>& blendshapes);
    // Read a payload; false where it has another length, holds a number that is not finite or a
    // rotation that is not of unit length.
    bool read(std::string_view payload, Frame& frame) const;

private:
    std::array<std::size_t, kNumBones> bone_at_{};
    std::array<std::size_t, kNumBlendshapes> blendshape_at_{};
};

}  // namespace umo
