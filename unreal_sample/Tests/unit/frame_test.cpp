#include "UmoFrame.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "check.h"

namespace {

std::vector<std::string> bone_names() {
    std::vector<std::string> names;
    for (const umo::Bone& bone : umo::kSkeleton) names.emplace_back(bone.name);
    return names;
}

std::vector<std::string> blendshape_names() {
    std::vector<std::string> names;
    for (const std::string_view name : umo::kBlendshapes) {
        names.emplace_back(name);
        names.back()[0] = static_cast<char>(names.back()[0] | 0x20);
    }
    return names;
}

// A T-pose but for the bone of a place, and a face whose shapes are their places / 64.
std::vector<float> pose(std::size_t turned) {
    std::vector<float> values(275, 0.0f);
    for (std::size_t bone = 0; bone < umo::kNumBones; ++bone) values[4 * bone + 3] = 1;
    values[4 * turned] = 0.6f;
    values[4 * turned + 3] = 0.8f;
    values[221] = 0.9f;
    for (std::size_t shape = 0; shape < 52; ++shape) values[223 + shape] = shape / 64.0f;
    return values;
}

std::string bytes_of(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), sizeof(float) * values.size()};
}

}  // namespace

TEST(a_pose_lands_on_its_bones_and_shapes) {
    umo::FrameLayout layout;
    CHECK(layout.learn(bone_names(), blendshape_names()));
    umo::Frame frame;
    CHECK(layout.read(bytes_of(pose(7)), frame));
    CHECK(frame.rotations[7][0] == 0.6f && frame.rotations[6][3] == 1);
    CHECK(frame.hips_m[1] == 0.9f && frame.blendshapes[17] == 17 / 64.0f);
}

TEST(a_server_may_list_names_in_an_order_of_its_own) {
    std::vector<std::string> bones = bone_names(), shapes = blendshape_names();
    std::reverse(bones.begin(), bones.end());
    std::reverse(shapes.begin(), shapes.end());
    umo::FrameLayout layout;
    CHECK(layout.learn(bones, shapes));
    umo::Frame frame;
    CHECK(layout.read(bytes_of(pose(7)), frame));
    CHECK(frame.rotations[54 - 7][0] == 0.6f && frame.blendshapes[51 - 17] == 17 / 64.0f);
}

TEST(names_of_another_skeleton_or_face_are_refused) {
    umo::FrameLayout layout;
    std::vector<std::string> bones = bone_names(), shapes = blendshape_names();
    bones[3] = "Tail";
    CHECK(!layout.learn(bones, shapes));
    shapes.pop_back();
    CHECK(!layout.learn(bone_names(), shapes));
    CHECK(!layout.learn({}, {}));
}

TEST(payloads_that_are_no_pose_are_refused) {
    umo::FrameLayout layout;
    CHECK(layout.learn(bone_names(), blendshape_names()));
    umo::Frame frame;
    const auto refuses = [&](std::size_t place, float value) {
        std::vector<float> values = pose(7);
        values[place] = value;
        return !layout.read(bytes_of(values), frame);
    };
    CHECK(refuses(0, std::numeric_limits<float>::quiet_NaN()));
    CHECK(refuses(274, std::numeric_limits<float>::infinity()));
    CHECK(refuses(3, 0));  // a rotation of no length
    CHECK(refuses(3, 2));
    CHECK(!layout.read(bytes_of(pose(7)).substr(4), frame));
    CHECK(!layout.read({}, frame));
}
