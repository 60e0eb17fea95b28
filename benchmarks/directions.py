"""Do directions reach the character? Calmness, emotion, state, gaze and text, each measured.

    python -m benchmarks.directions ../shared/data

Lets the bundled model perform utterances of LibriSpeech's test speakers under every control, and
those with gesture words with and without their text, and writes
`benchmarks/results/directions.json`.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile
from scipy.signal import find_peaks

from actors.audio_capture import FileSource
from actors.embedded import run_embedded
from actors.graph import build_graph
from actors.tokenizer import PlacedText
from benchmarks.head_at_words import head_at_words
from benchmarks.long_run import MOTION, joined, rounded, weights_name, wrist_speed
from benchmarks.machine import save
from umo_runtime.audio.framing import num_frames
from umo_runtime.blendshapes import MOUTH_CHANNELS
from umo_runtime.clock import MonotonicClock
from umo_runtime.controls import EMOTIONS, NEUTRAL, STATES, Controls
from umo_runtime.engine import Engine
from umo_runtime.evaluation.body_baselines import choreographed
from umo_runtime.evaluation.body_space import seen_from_chest, seen_from_hips
from umo_runtime.evaluation.lips import phone_figures
from umo_runtime.evaluation.performance import BoolArray, Performance
from umo_runtime.evaluation.splits import librispeech_cases
from umo_runtime.skeleton import BONE_INDEX, multiply, rotate
from umo_runtime.tokenizer.text import TextTokenizer, told_frame
from umo_runtime.training.corpora.choreographer import Choreographer
from umo_runtime.training.corpora.gesture_words import meaning_of
from umo_runtime.training.corpora.smartbody import is_test_clip, read_smartbody
from umo_runtime.training.corpora.utterance import MotionClip, Span, Utterance
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ, FloatArray, MotionFrame

Figures = dict[str, Any]  # may be nested

_UTTERANCES = 6
_TEXT_UTTERANCES = 40  # of 82
_CAPACITY = 16  # streams at once
_CALMNESS = (0.0, 0.25, 0.5, 0.75, 1.0)
_TARGETS_DEG = ((-60, 0), (-20, 0), (20, 0), (60, 0), (0, -20), (0, 20))
_SETTLED_S = 1.0  # eyes and head have arrived by then
_MOODS = {
    "brow_down": ("browDownLeft", "browDownRight"),
    "brow_inner_up": ("browInnerUp",),
    "mouth_smile": ("mouthSmileLeft", "mouthSmileRight"),
    "mouth_frown": ("mouthFrownLeft", "mouthFrownRight"),
}
_NOD_DEG = 3.0
_NOD_WITHIN_S = 1.0
_BREATH_HZ = (0.15, 0.5)
_SEEDS = (0, 1, 2)
_NEAR_S = 0.5
_SHUFFLES = 500
_AHEAD = np.array((0, 0, 1), np.float32)
_TRUNK = ("Spine", "Chest", "UpperChest")
_HANDS = [
    BONE_INDEX[side + bone]
    for side in ("Left", "Right")
    for bone in ("Hand", "IndexDistal", "MiddleDistal", "LittleDistal")
]


@dataclass(frozen=True, slots=True)
class Direction:
    """How one stream is to be performed."""

    controls: Controls = NEUTRAL
    seed: int = 0
    text: PlacedText | None = None


class _Frames:
    """Keeps the frames of several streams."""

    def __init__(self) -> None:
        self.streams: defaultdict[str, list[MotionFrame]] = defaultdict(list)

    def write(self, frame: MotionFrame) -> None:
        """Keep one."""
        self.streams[frame.stream].append(frame)

    def close(self) -> None:
        """Nothing to finish."""

    def abort(self) -> None:
        """Nothing to take back."""


def perform(
    engine: Engine, samples: FloatArray, directions: Mapping[str, Direction]
) -> dict[str, Performance]:
    """The same speech under several directions at once; streams do not influence each other."""
    clock, sink = MonotonicClock(), _Frames()
    seeds = {name: each.seed for name, each in directions.items()}
    text = {name: each.text for name, each in directions.items() if each.text}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "speech.wav"
        soundfile.write(file, samples, SAMPLE_RATE_HZ, subtype="FLOAT")
        sources = [
            FileSource(file, clock, name, controls=((0.0, each.controls),))
            for name, each in directions.items()
        ]
        run_embedded(sources, build_graph(engine, seeds=seeds, text=text), [sink], clock)
    return {name: _performance(sink.streams[name], samples) for name in directions}


def _performance(frames: Sequence[MotionFrame], samples: FloatArray) -> Performance:
    return Performance(
        float(FRAME_RATE_HZ),
        np.stack([frame.rotations for frame in frames]),
        np.stack([frame.root_position for frame in frames]),
        np.stack([frame.blendshapes for frame in frames]),
        samples,
    )


def measure_controls(engine: Engine, utterances: Sequence[Utterance]) -> Figures:
    """Calmness, emotion and gaze over short utterances, each performed under all of them."""
    calm = {
        f"{value} {seed}": Direction(Controls(calmness=value), seed)
        for value, seed in product(_CALMNESS, _SEEDS)
    }
    moods = {emotion: Direction(Controls(emotion=emotion)) for emotion in EMOTIONS}
    gazes = {
        gaze_name(target): Direction(Controls(gaze_rad=_radians(target))) for target in _TARGETS_DEG
    }
    made: defaultdict[str, list[Performance]] = defaultdict(list)
    for directions, utterance in product((calm, moods | gazes), utterances):
        for name, performance in perform(engine, utterance.samples, directions).items():
            made[name].append(performance)
    travel = {
        f"calmness {value}": _mean_travel([p for seed in _SEEDS for p in made[f"{value} {seed}"]])
        for value in _CALMNESS
    }
    speeds = list(travel.values())
    return {
        "hand_travel_m_per_s": travel,
        "hand_travel_is_monotone": bool((np.diff(speeds) > 0).all()),
        "emotion": {name: _mood_figures(made[name], made["neutral"], utterances) for name in moods},
        "gaze_error_deg": {
            gaze_name(target): _gaze_figures(made[gaze_name(target)], _radians(target))
            for target in _TARGETS_DEG
        },
    }


def gaze_name(target_deg: tuple[int, int]) -> str:
    """A target as `yaw 60 pitch 0`."""
    return "yaw {} pitch {}".format(*target_deg)


def _radians(target_deg: tuple[int, int]) -> tuple[float, float]:
    yaw, pitch = np.radians(target_deg)
    return float(yaw), float(pitch)


def _mean_travel(performances: Sequence[Performance]) -> float:
    return float(np.mean([wrist_speed(each.rotations) for each in performances]))


def _mood_figures(
    made: Sequence[Performance], neutral: Sequence[Performance], utterances: Sequence[Utterance]
) -> dict[str, float]:
    """Mean change of channels against neutral, and the lips."""

    def level(performances: Sequence[Performance], channels: Sequence[str]) -> float:
        return float(np.mean([[p.channel(c).mean() for c in channels] for p in performances]))

    lips = phone_figures([(p, u.phones) for p, u in zip(made, utterances, strict=True)])
    changes = {name: level(made, c) - level(neutral, c) for name, c in _MOODS.items()}
    return {**changes, "closures": lips["closures"], "open_vowels": lips["open_vowels"]}


def _gaze_figures(made: Sequence[Performance], target_rad: tuple[float, float]) -> dict[str, float]:
    settled = round(_SETTLED_S * FRAME_RATE_HZ)
    errors = np.concatenate([gaze_error_deg(p.rotations, target_rad)[settled:] for p in made])
    heads = np.concatenate([_axis(p.rotations, ("Neck", "Head"))[settled:] for p in made])
    return {
        "mean": float(errors.mean()),
        "p95": float(np.quantile(errors, 0.95)),
        "head_yaw_deg": float(np.degrees(np.arctan2(heads[:, 0], heads[:, 2])).mean()),
    }


def gaze_error_deg(rotations: FloatArray, target_rad: tuple[float, float]) -> FloatArray:
    """Angle between the left eye's axis as seen from the chest and a target, [T] degrees."""
    yaw, pitch = target_rad
    wanted = np.array((np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)))
    cosine = _axis(rotations, ("Neck", "Head", "LeftEye")) @ wanted
    return np.asarray(np.degrees(np.arccos(cosine.clip(-1, 1))), np.float32)


def _axis(rotations: FloatArray, chain: Sequence[str]) -> FloatArray:
    """Where the last of a chain of bones points, as seen from the first one's parent, [T, 3]."""
    turn = rotations[:, BONE_INDEX[chain[0]]]
    for bone in chain[1:]:
        turn = multiply(turn, rotations[:, BONE_INDEX[bone]])
    return rotate(turn, np.broadcast_to(_AHEAD, (len(turn), 3)))


def pitch_deg(rotations: FloatArray, chain: Sequence[str]) -> FloatArray:
    """How far up that points, [T] degrees."""
    return np.asarray(np.degrees(np.arcsin(_axis(rotations, chain)[:, 1].clip(-1, 1))), np.float32)


def measure_states(engine: Engine, samples: FloatArray, clips: Sequence[MotionClip]) -> Figures:
    """One long stream in every state, by the model and by the choreographer that taught it."""
    made = perform(engine, samples, {s: Direction(Controls(state=s)) for s in STATES})
    choreographer = Choreographer([clip for clip in clips if not is_test_clip(clip.name)])
    speech, frames = Utterance("long", "several", samples), num_frames(len(samples))
    figures: Figures = {"duration_s": len(samples) / SAMPLE_RATE_HZ}
    for state in STATES:
        rng = np.random.default_rng(0)
        taught = choreographer.perform(speech, frames, rng, Controls(state=state))
        figures[state] = {
            "largest_mouth_channel": made[state].blendshapes[:, list(MOUTH_CHANNELS)].max(),
            "model": state_figures(made[state].rotations, made[state].root_position),
            "choreographer": state_figures(taught.rotations, taught.root_position),
        }
    return figures


def state_figures(rotations: FloatArray, root_position: FloatArray) -> dict[str, float]:
    """How a body stands: nods, hands, weight, breath."""
    sideways = np.quantile(root_position[:, 0], (0.05, 0.95))
    return {
        "nods_per_minute": nods_per_minute(pitch_deg(rotations, ("Neck", "Head"))),
        "hand_travel_m_per_s": wrist_speed(rotations),
        "hips_sideways_range_cm": 100 * float(sideways[1] - sideways[0]),
        "breathing_amplitude_deg": breathing_deg(pitch_deg(rotations, _TRUNK)),
    }


def nods_per_minute(pitch: FloatArray) -> float:
    """Dips of the head's pitch [T] in degrees by 3 degrees or more, down and up within a second."""
    within = round(_NOD_WITHIN_S * FRAME_RATE_HZ) | 1
    dips, _ = find_peaks(-pitch, prominence=_NOD_DEG, wlen=within)
    return len(dips) * 60 * FRAME_RATE_HZ / len(pitch)


def breathing_deg(pitch: FloatArray) -> float:
    """Amplitude of the chest's pitch [T] in degrees between 0.15 and 0.5 Hz.

    That of a sine with the same power; sway and gestures count too where there are any.
    """
    spectrum = np.abs(np.fft.rfft(pitch - pitch.mean()))
    rates_hz = np.fft.rfftfreq(len(pitch), 1 / FRAME_RATE_HZ)
    inside = (rates_hz >= _BREATH_HZ[0]) & (rates_hz <= _BREATH_HZ[1])
    return 2 * float(np.sqrt((spectrum[inside] ** 2).sum())) / len(pitch)


def measure_text(
    engine: Engine, utterances: Sequence[Utterance], clips: Sequence[MotionClip]
) -> Figures:
    """Motion with and without the timed words, and of the choreographer, who knows them."""
    choreographer = choreographed(clips)
    takes: defaultdict[str, list[list[Performance]]] = defaultdict(list)
    for utterance in utterances:
        text = place(utterance.words, engine.text)
        directions = {
            f"{name} {seed}": Direction(seed=seed, text=words)
            for (name, words), seed in product((("with", text), ("without", None)), _SEEDS)
        }
        made = perform(engine, utterance.samples, directions)
        for name in ("with", "without"):
            takes[name].append([made[f"{name} {seed}"] for seed in _SEEDS])
        chances = (np.random.default_rng([seed, *utterance.name.encode()]) for seed in _SEEDS)
        takes["choreographer"].append([choreographer(utterance, rng) for rng in chances])
    return {
        "utterances": len(utterances),
        "gesture_words": sum(len(gesture_words(u)) for u in utterances),
        "seeds": len(_SEEDS),
        "with_text": _text_figures(takes["with"], utterances),
        "without_text": _text_figures(takes["without"], utterances),
        "choreographer_with_words": _text_figures(takes["choreographer"], utterances),
        "hands_apart_at_gesture_words_cm": {
            "with_and_without_text": 100 * _apart_m(takes["with"], takes["without"], utterances, 0),
            "two_seeds": 100 * _apart_m(takes["without"], takes["without"], utterances, 1),
        },
    }


def place(words: Sequence[Span], tokenizer: TextTokenizer) -> dict[int, tuple[int, ...]]:
    """Text tokens by the frame in which their word is told."""
    placed: defaultdict[int, tuple[int, ...]] = defaultdict(tuple)
    for word in words:
        placed[told_frame(int(word.start_s * FRAME_RATE_HZ))] += tokenizer.encode(word.label)
    return dict(placed)


def gesture_words(utterance: Utterance) -> list[tuple[int, str]]:
    """Middle frame and meaning of the words that call for a gesture."""
    return [
        (int((word.start_s + word.end_s) / 2 * FRAME_RATE_HZ), meaning)
        for word in utterance.words
        if (meaning := meaning_of(word.label))
    ]


def _text_figures(
    takes: Sequence[Sequence[Performance]], utterances: Sequence[Utterance]
) -> Figures:
    near, spoken, poses, meanings, sources = [], [], [], [], []
    for index, (seeds, utterance) in enumerate(zip(takes, utterances, strict=True)):
        words = gesture_words(utterance)
        poses.append(_hands_at(seeds, words))
        meanings += [meaning for _, meaning in words]
        sources += [index] * len(words)
        for performance in seeds:
            speed, is_spoken = _wrist_course(performance), ~performance.is_silent()[1:]
            is_near = near_words([frame for frame, _ in words], len(speed))
            near.append(speed[is_near & is_spoken])
            spoken.append(speed[is_spoken])
    lips = [(p, u.phones) for seeds, u in zip(takes, utterances, strict=True) for p in seeds]
    speech = float(np.concatenate(spoken).mean())
    ratio, by_chance, p = meaning_ratio(np.concatenate(poses, axis=1), meanings, sources)
    return {
        "wrist_speed_m_per_s": speech,
        "wrist_speed_near_words_to_all_speech": float(np.concatenate(near).mean()) / speech,
        "within_to_between_meanings": ratio,
        "within_to_between_meanings_by_chance": by_chance,
        "p_value": p,
        "closures": phone_figures(lips)["closures"],
        "head_speed_at_words_to_all_speech": head_at_words(takes, utterances),
    }


def _wrist_course(performance: Performance) -> FloatArray:
    """Mean speed of the wrists between frames, [T - 1] m/s."""
    wrists = seen_from_hips(performance.rotations)[
        :, [BONE_INDEX["LeftHand"], BONE_INDEX["RightHand"]]
    ]
    speed = np.linalg.norm(np.diff(wrists, axis=0), axis=-1).mean(axis=1) * FRAME_RATE_HZ
    return np.asarray(speed, np.float32)


def near_words(frames: Sequence[int], length: int) -> BoolArray:
    """Frames within half a second of any of these, [length]."""
    distance = np.abs(np.arange(length)[:, None] - np.array(frames)).min(axis=1)
    return np.asarray(distance <= _NEAR_S * FRAME_RATE_HZ)


def _hands_at(seeds: Sequence[Performance], words: Sequence[tuple[int, str]]) -> FloatArray:
    """Wrists and fingertips as seen from the chest at words, [S, W, 8, 3] metres."""
    hands = [seen_from_chest(each.rotations)[:, _HANDS] for each in seeds]
    frames = np.minimum([frame for frame, _ in words], len(hands[0]) - 1)
    return np.stack([course[frames] for course in hands])


def meaning_ratio(
    poses: FloatArray, meanings: Sequence[str], sources: Sequence[int], shuffles: int = _SHUFFLES
) -> tuple[float, float, float]:
    """Are hands alike where words mean alike?

    Args:
        poses: points of the hands, [S, W, J, 3] metres, for S seeds and W words.
        meanings: of the words, W.
        sources: utterance of each word, W; words of one utterance are not compared.
        shuffles: how often meanings are dealt out anew.

    Returns:
        Mean distance between hands at words of one meaning over that at words of different ones (1
        is no effect, less is alike), its mean with shuffled meanings, and the share of shuffles
        that reach it.
    """
    distance = np.mean(
        [np.linalg.norm(own[:, None] - own[None], axis=-1).mean(axis=-1) for own in poses], axis=0
    )
    apart = np.not_equal.outer(np.array(sources), np.array(sources))
    _, labels = np.unique(meanings, return_inverse=True)
    found = _ratio(distance, apart, labels)
    rng = np.random.default_rng(0)
    chance = [_ratio(distance, apart, rng.permutation(labels)) for _ in range(shuffles)]
    reached = sum(each <= found for each in chance)
    return found, float(np.mean(chance)), (reached + 1) / (shuffles + 1)


def _ratio(distance: FloatArray, apart: BoolArray, labels: npt.NDArray[np.intp]) -> float:
    same = np.equal.outer(labels, labels)
    return float(distance[same & apart].mean() / distance[~same & apart].mean())


def _apart_m(
    made: Sequence[Sequence[Performance]],
    others: Sequence[Sequence[Performance]],
    utterances: Sequence[Utterance],
    shift: int,
) -> float:
    """Mean distance of the hands at gesture words from those of others `shift` seeds on."""
    distances = []
    for seeds, rivals, utterance in zip(made, others, utterances, strict=True):
        words = gesture_words(utterance)
        difference = _hands_at(seeds, words) - np.roll(_hands_at(rivals, words), shift, axis=0)
        distances.append(np.linalg.norm(difference, axis=-1).mean(axis=(0, 2)))
    return float(np.concatenate(distances).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with motion/ and speech/")
    data = parser.parse_args().data
    engine = Engine(capacity=_CAPACITY)
    few = [case.utterance for case in librispeech_cases(data, _UTTERANCES)]
    more = [case.utterance for case in librispeech_cases(data, _TEXT_UTTERANCES)]
    telling = [utterance for utterance in more if gesture_words(utterance)]
    clips = list(read_smartbody(data / MOTION))
    long = joined([utterance.samples for utterance in few], np.random.default_rng(0))
    result = {
        "weights": weights_name(),
        "utterances": [utterance.name for utterance in few],
        "controls": measure_controls(engine, few),
        "states": measure_states(engine, long, clips),
        "text": measure_text(engine, telling, clips),
    }
    save("directions", rounded(result))


if __name__ == "__main__":
    main()
