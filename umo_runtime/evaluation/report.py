"""One performance on one page, to look at what the figures say."""

from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
import torch

from umo_runtime.evaluation.performance import Performance
from umo_runtime.nn.log_mel import LogMel
from umo_runtime.skeleton import BONE_INDEX, forward_kinematics
from umo_runtime.stick_figure import Curve, Mark, Panel, SpeechPage, draw_speech_page
from umo_runtime.tokenizer.phones import BILABIALS
from umo_runtime.training.corpora.utterance import Span
from umo_runtime.types import SAMPLE_RATE_HZ, WINDOW_SAMPLES, FloatArray

_NUM_MELS = 64
_HOP = SAMPLE_RATE_HZ // 120
_MEL_RANGE = (-1.2, 1.4)  # of the front end's values: about silence to a loud vowel
_RED, _BLUE, _GREEN, _PURPLE, _ORANGE = (
    (208, 68, 68),
    (52, 120, 196),
    (40, 150, 112),
    (140, 88, 190),
    (226, 140, 40),
)


def draw_report(
    performance: Performance, phones: Sequence[Span], title: str, target: BinaryIO
) -> None:
    """Write a PNG: figures, waveform, spectrogram, curves with P, B, M and keyframe marks.

    Args:
        performance: what is drawn.
        phones: of its speech, if known.
        title: first line of the page.
        target: open for writing.
    """
    rate, end = performance.fps, len(performance.blendshapes) / performance.fps
    marks = tuple(Mark(p.label, p.start_s, p.end_s) for p in phones if p.label in BILABIALS)
    shaded = "; shaded: P, B, M, where the lips must meet" if marks else ""
    page = SpeechPage(
        title,
        f"{end:.1f} s at {rate:g} fps, a keyframe every 4 frames{shaded}",
        rate,
        performance.rotations,
        performance.root_position,
        performance.blendshapes,
        performance.samples,
        _log_mel(performance.samples),
        _panels(performance),
        marks,
    )
    draw_speech_page(page).save(target, "PNG")


def _panels(performance: Performance) -> tuple[Panel, ...]:
    channel = performance.channel
    wrists = _wrist_speed(performance)
    fastest = max(1.0, float(np.ceil(np.quantile(wrists, 0.99))))
    return (
        Panel(
            "jaw and lips",
            0.6,
            (
                Curve("jawOpen", channel("jawOpen"), _RED),
                Curve("mouthClose", channel("mouthClose"), _BLUE),
            ),
        ),
        Panel(
            "shape of the lips",
            0.6,
            (
                Curve("mouthSmileLeft", channel("mouthSmileLeft"), _ORANGE),
                Curve("mouthPucker", channel("mouthPucker"), _PURPLE),
                Curve("mouthFunnel", channel("mouthFunnel"), _BLUE),
            ),
        ),
        Panel(
            "brows and lids",
            1.0,
            (
                Curve("browInnerUp", channel("browInnerUp"), _GREEN),
                Curve("eyeBlinkLeft", channel("eyeBlinkLeft"), _BLUE),
            ),
        ),
        Panel(
            "wrist speed, m/s",
            fastest,
            (
                Curve("left", wrists[:, 0], _GREEN),
                Curve("right", wrists[:, 1], _RED),
            ),
        ),
    )


def _wrist_speed(performance: Performance) -> FloatArray:
    """Speed of the left and the right wrist, [T, 2] m/s."""
    positions, _ = forward_kinematics(performance.rotations, performance.root_position)
    hands = positions[:, [BONE_INDEX["LeftHand"], BONE_INDEX["RightHand"]]]
    moved = np.diff(hands, axis=0, prepend=hands[:1])
    return np.asarray(np.linalg.norm(moved, axis=-1) * performance.fps, np.float32)


def _log_mel(samples: FloatArray) -> FloatArray:
    """Loudness by mel band, [T', 64] from 0 to 1, 120 columns a second."""
    padded = np.pad(samples, WINDOW_SAMPLES // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::_HOP]
    with torch.no_grad():
        mel = LogMel(_NUM_MELS)(torch.from_numpy(windows.copy())).numpy()
    low, high = _MEL_RANGE
    return np.asarray(np.clip((mel - low) / (high - low), 0, 1), np.float32)
