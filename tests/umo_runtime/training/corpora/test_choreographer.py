from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from umo_runtime.controls import Controls, State
from umo_runtime.errors import CorpusError
from umo_runtime.skeleton import (
    BONE_INDEX,
    IDENTITY_ROTATIONS,
    REST_OFFSETS_M,
    FloatArray,
    forward_kinematics,
    rotate,
)
from umo_runtime.training.corpora.choreographer import Choreographer, MotionTrack
from umo_runtime.training.corpora.gestures import collect_gestures, wrist_speeds
from umo_runtime.training.corpora.librispeech import read_librispeech
from umo_runtime.training.corpora.looks import look_around
from umo_runtime.training.corpora.manner import Manner
from umo_runtime.training.corpora.prosody import Accent
from umo_runtime.training.corpora.rotations import from_rotation_vector
from umo_runtime.training.corpora.smartbody import is_test_clip, read_smartbody
from umo_runtime.training.corpora.speed_limit import angular_speed, limit_speed
from umo_runtime.training.corpora.utterance import MotionClip, Span, Utterance

FEET = [BONE_INDEX[f"{side}{part}"] for side in ("Left", "Right") for part in ("Foot", "Toes")]
PHASES = {"ready": 0.3, "strokeStart": 0.5, "emphasis": 0.75, "stroke": 0.9, "relax": 1.1}


def pose(arm_rad: float, elbow_rad: float) -> FloatArray:
    """Left arm raised by `arm_rad` from hanging, elbow bent; right arm hanging."""
    rotations = IDENTITY_ROTATIONS.copy()
    for side, sign, raised in (("Left", 1.0, arm_rad), ("Right", -1.0, 0.0)):
        drop = np.array([0, 0, -sign * (1.3 - raised)], np.float32)
        rotations[BONE_INDEX[f"{side}UpperArm"]] = from_rotation_vector(drop)
        bend = np.array([0, -sign * (0.2 + (elbow_rad if raised else 0.0)), 0], np.float32)
        rotations[BONE_INDEX[f"{side}LowerArm"]] = from_rotation_vector(bend)
    return rotations


def make_clip(name: str, size: float, phases: dict[str, float]) -> MotionClip:
    course = np.interp(np.arange(48) / 30, [0, 0.4, 0.75, 0.9, 1.5], [0, 1.0, 0.6, 0.6, 0])
    rotations = np.stack([pose(size * c, 1.4 * size * c) for c in course]).astype(np.float32)
    return MotionClip(name, "ChrBrad", rotations, np.tile(REST_OFFSETS_M[0], (48, 1)), phases)


CLIPS = [
    make_clip("Idle01", 0.0, {}),
    make_clip("Idle01_BeatLowLf01", 0.3, PHASES),
    make_clip("Idle01_BeatMidLf01", 0.5, PHASES),
    make_clip("Idle01_BeatHighLf01", 0.9, PHASES),
    make_clip("Idle01_OfferLf01", 0.6, PHASES),
    make_clip("Idle01_NegativeLf01", 0.7, PHASES),
    make_clip("Idle01_ScratchHeadLf01", 0.9, PHASES),
]
SPEECH = Utterance("u", "s", np.zeros(0, np.float32))


def perform(
    seed: int = 0,
    words: tuple[Span, ...] = (),
    pause: tuple[int, int] = (150, 230),
    calmness: float = 0.5,
) -> MotionTrack:
    activity = np.ones(300, np.bool_)
    activity[:12] = activity[280:] = False
    activity[slice(*pause)] = False
    times = [t for t in np.arange(0.8, 9.2, 0.4) if activity[round(t * 30)]]
    accents = [Accent(float(t), 0.3 + 0.6 * (index % 2)) for index, t in enumerate(times)]
    utterance = Utterance("u", "s", np.zeros(0, np.float32), words=words)
    chance, manner = np.random.default_rng(seed), Manner.of(calmness)
    return Choreographer(CLIPS).move(activity, accents, utterance, chance, manner)


def voice(seconds: float = 8.0) -> Utterance:
    """Syllables of about 2 a second, half of the time, over a little noise."""
    rng = np.random.default_rng(0)
    time = np.arange(int(seconds * 16_000)) / 16_000
    tone = np.sin(2 * np.pi * 140 * time) * (0.5 + 0.5 * np.sin(2 * np.pi * 2.5 * time)) ** 2
    samples = 0.3 * tone * (time % 2 < 1) + 0.001 * rng.normal(size=len(time))
    return Utterance("u", "s", samples.astype(np.float32))


def hand_travel_m(track: MotionTrack) -> float:
    return float(wrist_speeds(track.rotations, track.root_position).sum()) / 30


def test_strokes_fall_on_accents_about_every_one_and_a_half_seconds() -> None:
    track = perform()
    times = [gesture.time_s for gesture in track.gestures]
    assert len(times) >= 4
    gaps = [b - a for a, b in pairwise(times) if not a < 5 < b]
    assert all(0.9 < gap < 2.2 for gap in gaps)
    for time in times:
        assert min(abs(time - accent) for accent in np.arange(0.8, 9.2, 0.4)) < 1e-6


def test_the_wrist_arrives_with_the_accent() -> None:
    track = perform()
    speeds = wrist_speeds(track.rotations, track.root_position)
    first = track.gestures[0]
    hand = ["Left", "Right"].index(first.hand)
    hit = round(first.time_s * 30)
    assert speeds[hit - 12 : hit, hand].max() > 4 * speeds[hit + 8 : hit + 12, hand].mean()


def test_hands_move_in_speech_and_hold_in_pauses() -> None:
    track = perform()
    speeds = wrist_speeds(track.rotations, track.root_position).sum(axis=1)
    assert speeds[20:150].mean() > 5 * speeds[152:165].mean()
    assert speeds[152:230].max() < 0.8  # the slow way back


def test_long_pauses_bring_the_hands_down() -> None:
    track = perform()
    positions, _ = forward_kinematics(track.rotations, track.root_position)
    wrists = positions[:, [BONE_INDEX["LeftHand"], BONE_INDEX["RightHand"]], 1]
    assert wrists[228].max() < wrists[:150].max()
    assert abs(wrists[228] - wrists[5]).max() < 0.06


def test_feet_stay_on_the_floor() -> None:
    track = perform()
    positions, _ = forward_kinematics(track.rotations, track.root_position)
    steps = np.linalg.norm(np.diff(positions[:, FEET], axis=0), axis=-1) * 30
    assert steps.max() < 0.01
    np.testing.assert_allclose(
        positions[:, FEET, 1], np.tile([0.08, 0.02, 0.08, 0.02], (300, 1)), atol=1e-3
    )


def test_nothing_moves_too_fast_and_quaternions_are_units() -> None:
    track = perform()
    assert angular_speed(track.rotations).max() < 10
    np.testing.assert_allclose(np.linalg.norm(track.rotations, axis=-1), 1, atol=1e-5)
    assert ((track.rotations[1:] * track.rotations[:-1]).sum(-1) > 0).all()


def test_the_same_seed_gives_the_same_motion() -> None:
    a, b, c = perform(3), perform(3), perform(4)
    np.testing.assert_array_equal(a.rotations, b.rotations)
    assert a.gestures == b.gestures
    assert np.abs(a.rotations - c.rotations).max() > 0.01


def test_words_choose_the_gesture() -> None:
    words = tuple(Span("no", t - 0.1, t + 0.1) for t in np.arange(0.8, 9.2, 0.4))
    names = [gesture.meaning for seed in range(4) for gesture in perform(seed, words).gestures]
    assert names.count("no") > len(names) / 2


def test_heads_shake_at_a_negation() -> None:
    def shake(word: str) -> float:
        """How far heads turn about a word said at 3 s, as a share of half a turn."""
        tracks = (perform(seed, (Span(word, 3.0, 3.3),)) for seed in range(8))
        turns = [track.rotations[88:112, BONE_INDEX["Head"], 1] for track in tracks]
        return float(np.mean(np.ptp(turns, axis=1)))

    assert shake("not") > 3 * shake("table")


def test_both_hands_are_used_alike() -> None:
    hands = [gesture.hand for seed in range(40) for gesture in perform(seed).gestures]
    assert 0.3 < hands.count("Left") / len(hands) < 0.7


def test_silence_is_an_idle() -> None:
    quiet = np.zeros(90, np.bool_)
    track = Choreographer(CLIPS).move(quiet, [], SPEECH, np.random.default_rng(0))
    assert track.gestures == ()
    assert wrist_speeds(track.rotations, track.root_position).mean() < 0.06


def test_raw_samples_are_enough() -> None:
    track = Choreographer(CLIPS).perform(voice(4.0), 130, np.random.default_rng(0))
    assert track.gestures
    assert track.rotations.shape == (130, 55, 4)
    assert track.root_position.shape == (130, 3)


def test_hands_travel_further_the_livelier_the_performer() -> None:
    travels = [
        np.mean([hand_travel_m(perform(seed, calmness=calmness)) for seed in range(6)])
        for calmness in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert all(livelier > 1.04 * calmer for calmer, livelier in pairwise(travels))
    assert travels[0] < 0.35 * travels[2] < 0.35 * travels[4]


def test_calm_performers_gesture_seldom_and_small() -> None:
    calm, natural = (
        [gesture for seed in range(8) for gesture in perform(seed, calmness=calmness).gestures]
        for calmness in (0.0, 0.5)
    )
    assert len(calm) < len(natural) / 3
    assert any(gesture.meaning == "beat_high" for gesture in natural)
    assert all(gesture.meaning in ("beat_low", "beat_mid", "offer") for gesture in calm)


@pytest.mark.parametrize("state", ["listening", "idle"])
def test_who_does_not_speak_does_not_gesture(state: State) -> None:
    chance = np.random.default_rng(0)
    looks = look_around(240, chance) if state == "idle" else ()
    track = Choreographer(CLIPS).perform(voice(), 240, chance, Controls(state=state), looks)
    assert track.gestures == ()
    assert track.rotations.shape == (240, 55, 4)
    assert wrist_speeds(track.rotations, track.root_position).mean() < 0.06
    assert angular_speed(track.rotations).max() < 4
    feet, _ = forward_kinematics(track.rotations, track.root_position)
    assert np.abs(np.diff(feet[:, FEET], axis=0)).max() * 30 < 0.01
    np.testing.assert_allclose(feet[:, FEET[0], 1], 0.08, atol=1e-3)


def test_who_listens_nods_where_the_other_pauses() -> None:
    head = BONE_INDEX["Head"]
    dips = []
    for seed in range(12):
        track = Choreographer(CLIPS).perform(
            voice(), 240, np.random.default_rng(seed), Controls(state="listening")
        )
        positions, turns = forward_kinematics(track.rotations, track.root_position)
        nose = positions[:, head] + rotate(turns[:, head], np.tile([0, 0, 0.1], (240, 1)))
        speed = np.abs(np.diff(nose[:, 1])) * 30
        pausing = np.arange(239) % 60 >= 30
        dips.append(speed[pausing].mean() / speed[~pausing].mean())
    assert np.mean(dips) > 1.5


def test_who_waits_shifts_the_weight_and_keeps_it_upright() -> None:
    silence = Utterance("u", "s", np.zeros(640_000, np.float32))
    track = Choreographer(CLIPS).perform(
        silence, 1200, np.random.default_rng(0), Controls(state="idle")
    )
    across = track.root_position[:, 0]
    assert 0.05 < np.ptp(across) < 0.13
    assert len(np.flatnonzero(np.diff(np.sign(across - across.mean())))) >= 3
    positions, _ = forward_kinematics(track.rotations, track.root_position)
    shoulders = positions[:, BONE_INDEX["LeftUpperArm"]] - positions[:, BONE_INDEX["RightUpperArm"]]
    assert np.abs(np.arcsin(shoulders[:, 1] / np.linalg.norm(shoulders, axis=1))).max() < 0.06


def test_useless_clips_are_left_out_and_missing_ones_reported() -> None:
    kinds = {gesture.kind for gesture in collect_gestures(CLIPS)}
    assert kinds == {"BeatLow", "BeatMid", "BeatHigh", "Offer", "Negative"}
    with pytest.raises(CorpusError, match="0 gestures and 2 idles among 1 clips"):
        Choreographer(CLIPS[:1])


def test_mirrored_gestures_use_the_other_hand() -> None:
    beats = [gesture for gesture in collect_gestures(CLIPS) if gesture.kind == "BeatHigh"]
    assert [gesture.hands for gesture in beats] == [("Left",), ("Right",)]
    assert [gesture.is_mirrored for gesture in beats] == [False, True]


def test_limit_speed_touches_only_what_is_too_fast() -> None:
    rotations = np.tile(IDENTITY_ROTATIONS, (40, 1, 1))
    turn = np.zeros((40, 3), np.float32)
    turn[20:, 1] = 0.8  # 24 rad/s for one frame
    rotations[:, BONE_INDEX["LeftHand"]] = from_rotation_vector(turn)
    limit_speed(rotations)
    assert angular_speed(rotations).max() < 10
    others = np.delete(rotations, BONE_INDEX["LeftHand"], axis=1)
    np.testing.assert_array_equal(
        others, np.tile(np.delete(IDENTITY_ROTATIONS, BONE_INDEX["LeftHand"], 0), (40, 1, 1))
    )
    np.testing.assert_allclose(rotations[0], IDENTITY_ROTATIONS, atol=1e-3)


@pytest.mark.data
def test_real_clips_make_a_speaker(smartbody_folder: Path) -> None:
    folder = smartbody_folder / "data" / "behaviorsets" / "MaleGestures"
    clips = [clip for clip in read_smartbody(folder) if not is_test_clip(clip.name)]
    choreographer = Choreographer(clips)
    activity = np.ones(600, np.bool_)
    activity[:10] = activity[250:290] = activity[580:] = False
    accents = [Accent(t, 0.5) for t in np.arange(0.7, 19, 0.45) if activity[round(t * 30)]]
    for seed in range(3):
        track = choreographer.move(activity, accents, SPEECH, np.random.default_rng(seed))
        speeds = wrist_speeds(track.rotations, track.root_position).mean(axis=1)
        assert speeds[activity].mean() > 4.5 * speeds[~activity].mean()
        assert angular_speed(track.rotations).max() < 10
        positions, _ = forward_kinematics(track.rotations, track.root_position)
        steps = np.linalg.norm(np.diff(positions[:, FEET], axis=0), axis=-1) * 30
        assert steps.max() < 0.01


@pytest.mark.data
def test_real_speech_is_livelier_the_more_it_is_told_to_be(
    smartbody_folder: Path, data_root: Path
) -> None:
    folder = smartbody_folder / "data" / "behaviorsets" / "MaleGestures"
    clips = [clip for clip in read_smartbody(folder) if not is_test_clip(clip.name)]
    choreographer = Choreographer(clips)
    spoken = read_librispeech(data_root / "speech" / "librispeech-train-clean-5.tar")
    for utterance in islice((u for u in spoken if len(u.samples) > 13 * 16_000), 0, 40, 10):
        frames = len(utterance.samples) * 30 // 16_000
        travels = [
            np.mean(
                [
                    hand_travel_m(
                        choreographer.perform(
                            utterance, frames, np.random.default_rng(seed), Controls(calmness)
                        )
                    )
                    for seed in range(3)
                ]
            )
            for calmness in (0.0, 0.25, 0.5, 1.0)
        ]
        assert travels == sorted(travels)
