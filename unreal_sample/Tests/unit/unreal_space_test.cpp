// Poses that are not alike on both sides: a wrong sign or a swapped axis cannot hide in them.
#include "UmoUnrealSpace.h"

#include "UmoSkeleton.h"
#include "check.h"

using umo::Quaternion;
using umo::Vector3;

namespace {

const float kHalf = std::sqrt(0.5f);

Vector3 turned(const Quaternion& q, const Vector3& v) {
    const auto cross = [](const Vector3& a, const Vector3& b) {
        return Vector3{a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2],
                       a[0] * b[1] - a[1] * b[0]};
    };
    const Vector3 axis{q[0], q[1], q[2]};
    Vector3 once = cross(axis, v);
    for (float& part : once) part *= 2;
    const Vector3 twice = cross(axis, once);
    return {v[0] + q[3] * once[0] + twice[0], v[1] + q[3] * once[1] + twice[1],
            v[2] + q[3] * once[2] + twice[2]};
}

bool is_same(const Vector3& a, const Vector3& b) {
    return check::is_near(a[0], b[0], 1e-4) && check::is_near(a[1], b[1], 1e-4) &&
           check::is_near(a[2], b[2], 1e-4);
}

// The project's way to Unity (engine_bridge/coordinates.py), and that of Unreal's plugins for VMC.
Quaternion to_unity(const Quaternion& q) { return {q[0], -q[1], -q[2], q[3]}; }
Quaternion from_unity(const Quaternion& q) { return {-q[0], q[2], q[1], q[3]}; }

const Quaternion kLeftArmUp{0, 0, kHalf, kHalf};  // from the left, +x, up to +y
const Quaternion kHeadRight{0, -kHalf, 0, kHalf};  // from the front, +z, to the right, -x
const Quaternion kNod{kHalf, 0, 0, kHalf};  // from the front, +z, down to -y

constexpr Vector3 kLeft{1, 0, 0}, kRight{-1, 0, 0}, kFront{0, 1, 0}, kUp{0, 0, 1}, kDown{0, 0, -1};

}  // namespace

TEST(directions_of_the_body_are_unreals) {
    CHECK(is_same(umo::to_unreal_position({0.01f, 0, 0}), kLeft));
    CHECK(is_same(umo::to_unreal_position({0, 0.01f, 0}), kUp));
    CHECK(is_same(umo::to_unreal_position({0, 0, 0.01f}), kFront));
    CHECK(is_same(umo::to_unreal_position({0.1f, 0.9f, 0.2f}), {10, 20, 90}));
}

TEST(asymmetric_poses_turn_the_right_way) {
    CHECK(is_same(turned(kLeftArmUp, {1, 0, 0}), {0, 1, 0}));  // in our space, to begin with
    CHECK(is_same(turned(umo::to_unreal_rotation(kLeftArmUp), kLeft), kUp));
    CHECK(is_same(turned(umo::to_unreal_rotation(kHeadRight), kFront), kRight));
    CHECK(is_same(turned(umo::to_unreal_rotation(kNod), kFront), kDown));
}

TEST(the_numbers_are_golden) {
    const struct {
        Quaternion ours, unreal;
    } cases[] = {
        {kLeftArmUp, {0, -kHalf, 0, kHalf}},
        {kHeadRight, {0, 0, kHalf, kHalf}},
        {kNod, {-kHalf, 0, 0, kHalf}},
        {{0.1f, 0.3f, 0.5f, 0.8f}, {-0.1f, -0.5f, -0.3f, 0.8f}},
    };
    for (const auto& [ours, unreal] : cases) {
        CHECK(umo::to_unreal_rotation(ours) == unreal);
        CHECK(from_unity(to_unity(ours)) == unreal);
    }
}

TEST(a_turned_position_is_the_position_turned) {
    const Vector3 ours{0.27f, 0.1f, -0.05f};
    for (const Quaternion& turn : {kLeftArmUp, kHeadRight, kNod}) {
        const Vector3 there = turned(umo::to_unreal_rotation(turn), umo::to_unreal_position(ours));
        CHECK(is_same(umo::to_unreal_position(turned(turn, ours)), there));
    }
}

TEST(parents_come_before_their_children) {
    for (std::size_t bone = 0; bone < umo::kNumBones; ++bone) {
        CHECK(umo::kSkeleton[bone].parent < static_cast<int>(bone));
        CHECK((umo::kSkeleton[bone].parent < 0) == (umo::kSkeleton[bone].name == "Hips"));
    }
}
