"""The engine-free part of the Unity package, by its own tests in C#."""

import json

import numpy as np
import pytest

from engine_bridge.coordinates import to_unity_position, to_unity_rotation
from engine_bridge.vrm_presets import vrm_presets
from tests.golden.write_wire import FOLDER
from tests.unity_sample.mono_program import MonoProgram
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONES, PARENTS, REST_OFFSETS_M

pytestmark = pytest.mark.receiver

ALONE = (
    *("too_long_messages", "wrong_use", "unity_space_of_an_arm", "pose_mix", "pose_access"),
    *("buffer_sorts", "buffer_finds", "buffer_is_bounded"),
    *("nothing_before_the_first_frame", "life_is_even_on_an_uneven_network"),
    *("life_is_shown_through_loss_and_reorder", "speech_follows_the_playhead"),
    *("speech_follows_through_loss_and_reorder", "speech_waits_for_its_sound"),
    *("life_goes_on_behind_speech", "starved_it_holds_and_relaxes"),
    *("life_fills_speech_that_ran_dry", "cleared_it_blends", "another_server_is_blended_in"),
    *("a_long_way_behind_is_skipped", "paced_speech_needs_no_playhead"),
    *("a_clock_that_drifts_is_followed", "what_was_not_heard_is_said_again"),
    *("segments_that_are_over_are_not_said_again", "words_are_told_once"),
    *("rotations", "left_arm_up_head_right", "any_model_stands_as_ours", "missing_bones_hand_on"),
    *("hips_move_in_proportion", "hanging_arms_are_straightened", "bone_names"),
    *("blendshape_names", "blendshape_profiles", "a_face_without_arkit"),
    *("sound_is_what_was_pushed", "sound_at_another_rate", "sound_stands_and_fades"),
    *("sound_of_two_threads", "clips_are_resampled", "playhead_is_even", "speech_waits_for_motion"),
    *("speech_loses_patience", "speech_without_a_device", "segments_follow_without_a_gap"),
    *("interrupted_speech_stops", "pictures_cost_no_garbage"),
)


@pytest.mark.parametrize("test", ALONE)
def test_alone(program: MonoProgram, test: str) -> None:
    program.run(test)


@pytest.mark.parametrize("test", ["written_messages", "read_messages"])
def test_golden_messages(program: MonoProgram, test: str) -> None:
    program.run(test, FOLDER)


def test_golden_refusals(program: MonoProgram) -> None:
    refused = json.loads((FOLDER / "wire.json").read_text(encoding="utf-8"))["refused"]
    pairs = ((entry["file"], entry["code"]) for entry in refused if "client" in entry["by"])
    program.run("refused_messages", FOLDER, *(word for pair in pairs for word in pair))


def test_frames_cost_no_garbage(program: MonoProgram) -> None:
    program.run("frames_cost_no_garbage", FOLDER)


def test_fuzz(program: MonoProgram) -> None:
    program.run("fuzzed_messages", FOLDER, 2000)
    program.run("fuzzed_framing", 100)


def test_golden_poses_in_unitys_space(program: MonoProgram) -> None:
    random = np.random.default_rng(5)
    rotations = random.normal(size=(20, 4)).astype(np.float32)
    positions = random.normal(size=(20, 3)).astype(np.float32)
    both = (rotations, positions, to_unity_rotation(rotations), to_unity_position(positions))
    program.run("unity_space", *(f"{value:.9g}" for value in np.hstack(both).ravel()))


def test_the_skeleton_is_ours(program: MonoProgram) -> None:
    words: list[object] = []
    for name, parent, offset in zip(BONES, PARENTS, REST_OFFSETS_M, strict=True):
        words += [name, BONES[parent] if parent >= 0 else "-", *offset.tolist()]
    program.run("humanoid", *words)


def test_the_blendshapes_are_ours(program: MonoProgram) -> None:
    program.run("arkit_order", *BLENDSHAPES)


def test_golden_presets(program: MonoProgram) -> None:
    random = np.random.default_rng(2)
    faces = (random.random((40, len(BLENDSHAPES))) ** 3).astype(np.float32)
    faces[0] = 0
    rows = np.hstack((faces, vrm_presets(faces)))
    program.run("golden_presets", *(f"{value:.9g}" for value in rows.ravel()))
