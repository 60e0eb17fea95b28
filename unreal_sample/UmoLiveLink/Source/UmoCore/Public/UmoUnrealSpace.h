// From the project's space to Unreal's: centimetres, left-handed, z up, the character faces +y, its
// left is +x.
//
// Unreal's plugins for Unity's space agree on p = (-x, z, y) * 100 and q = (-x, z, y, w). Ours is
// Unity's with x mirrored: p = (-x, y, z) and q = (x, -y, -z, w). One after the other they are
// p = (x, z, y) * 100 and q = (-x, -z, -y, w).
#pragma once

#include <array>

namespace umo {

using Vector3 = std::array<float, 3>;
using Quaternion = std::array<float, 4>;  // x y z w

// Centimetres from metres.
constexpr Vector3 to_unreal_position(const Vector3& ours) {
    return {100 * ours[0], 100 * ours[2], 100 * ours[1]};
}

constexpr Quaternion to_unreal_rotation(const Quaternion& ours) {
    return {-ours[0], -ours[2], -ours[1], ours[3]};
}

}  // namespace umo
