// The 55 bones of the project: Unity's `HumanBodyBones`, which is the VRM humanoid. Parents come
// before their children; rotations are local to the parent, identity in the T-pose.
#pragma once

#include <array>
#include <string_view>

namespace umo {

struct Bone {
    std::string_view name;
    int parent;  // index; -1 for the hips
    std::array<float, 3> offset_m;  // at rest from the parent: x to the left, y up, z forward
};

constexpr std::size_t kNumBones = 55;
constexpr std::array<Bone, kNumBones> kSkeleton = {{
    {"Hips", -1, {0.0f, 0.93f, 0.0f}},
    {"LeftUpperLeg", 0, {0.09f, -0.04f, 0.0f}},
    {"LeftLowerLeg", 1, {0.0f, -0.41f, 0.005f}},
    {"LeftFoot", 2, {0.0f, -0.4f, -0.02f}},
    {"LeftToes", 3, {0.0f, -0.06f, 0.13f}},
    {"RightUpperLeg", 0, {-0.09f, -0.04f, 0.0f}},
    {"RightLowerLeg", 5, {-0.0f, -0.41f, 0.005f}},
    {"RightFoot", 6, {-0.0f, -0.4f, -0.02f}},
    {"RightToes", 7, {-0.0f, -0.06f, 0.13f}},
    {"Spine", 0, {0.0f, 0.09f, -0.01f}},
    {"Chest", 9, {0.0f, 0.12f, 0.0f}},
    {"UpperChest", 10, {0.0f, 0.12f, -0.005f}},
    {"Neck", 11, {0.0f, 0.16f, -0.01f}},
    {"Head", 12, {0.0f, 0.09f, 0.02f}},
    {"LeftShoulder", 11, {0.03f, 0.11f, -0.01f}},
    {"LeftUpperArm", 14, {0.12f, 0.0f, 0.0f}},
    {"LeftLowerArm", 15, {0.27f, 0.0f, 0.0f}},
    {"LeftHand", 16, {0.25f, 0.0f, 0.0f}},
    {"RightShoulder", 11, {-0.03f, 0.11f, -0.01f}},
    {"RightUpperArm", 18, {-0.12f, 0.0f, 0.0f}},
    {"RightLowerArm", 19, {-0.27f, 0.0f, 0.0f}},
    {"RightHand", 20, {-0.25f, 0.0f, 0.0f}},
    {"LeftThumbProximal", 17, {0.025f, -0.015f, 0.03f}},
    {"LeftThumbIntermediate", 22, {0.03f, 0.0f, 0.025f}},
    {"LeftThumbDistal", 23, {0.024f, 0.0f, 0.012f}},
    {"LeftIndexProximal", 17, {0.09f, 0.0f, 0.026f}},
    {"LeftIndexIntermediate", 25, {0.04f, 0.0f, 0.0f}},
    {"LeftIndexDistal", 26, {0.024f, 0.0f, 0.0f}},
    {"LeftMiddleProximal", 17, {0.092f, 0.0f, 0.004f}},
    {"LeftMiddleIntermediate", 28, {0.044f, 0.0f, 0.0f}},
    {"LeftMiddleDistal", 29, {0.027f, 0.0f, 0.0f}},
    {"LeftRingProximal", 17, {0.087f, 0.0f, -0.016f}},
    {"LeftRingIntermediate", 31, {0.04f, 0.0f, 0.0f}},
    {"LeftRingDistal", 32, {0.026f, 0.0f, 0.0f}},
    {"LeftLittleProximal", 17, {0.08f, 0.0f, -0.034f}},
    {"LeftLittleIntermediate", 34, {0.032f, 0.0f, 0.0f}},
    {"LeftLittleDistal", 35, {0.02f, 0.0f, 0.0f}},
    {"RightThumbProximal", 21, {-0.025f, -0.015f, 0.03f}},
    {"RightThumbIntermediate", 37, {-0.03f, 0.0f, 0.025f}},
    {"RightThumbDistal", 38, {-0.024f, 0.0f, 0.012f}},
    {"RightIndexProximal", 21, {-0.09f, 0.0f, 0.026f}},
    {"RightIndexIntermediate", 40, {-0.04f, 0.0f, 0.0f}},
    {"RightIndexDistal", 41, {-0.024f, 0.0f, 0.0f}},
    {"RightMiddleProximal", 21, {-0.092f, 0.0f, 0.004f}},
    {"RightMiddleIntermediate", 43, {-0.044f, 0.0f, 0.0f}},
    {"RightMiddleDistal", 44, {-0.027f, 0.0f, 0.0f}},
    {"RightRingProximal", 21, {-0.087f, 0.0f, -0.016f}},
    {"RightRingIntermediate", 46, {-0.04f, 0.0f, 0.0f}},
    {"RightRingDistal", 47, {-0.026f, 0.0f, 0.0f}},
    {"RightLittleProximal", 21, {-0.08f, 0.0f, -0.034f}},
    {"RightLittleIntermediate", 49, {-0.032f, 0.0f, 0.0f}},
    {"RightLittleDistal", 50, {-0.02f, 0.0f, 0.0f}},
    {"LeftEye", 13, {0.032f, 0.07f, 0.08f}},
    {"RightEye", 13, {-0.032f, 0.07f, 0.08f}},
    {"Jaw", 13, {0.0f, 0.01f, 0.03f}},
}};

}  // namespace umo
