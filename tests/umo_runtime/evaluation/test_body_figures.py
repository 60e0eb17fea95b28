from dataclasses import fields, replace

import numpy as np
import pytest

from tests.umo_runtime.evaluation.bodies import body, restless
from umo_runtime.errors import ConfigError
from umo_runtime.evaluation.body_figures import body_figures
from umo_runtime.evaluation.gesture_encoder import GestureEncoder
from umo_runtime.evaluation.performance import Performance

REAL = [restless(150, seed) for seed in range(3)]


def speaking(frames: int, seed: int) -> Performance:
    sound = np.random.default_rng(seed).standard_normal(frames * 16_000 // 30)
    envelope = 1 + np.sin(np.arange(len(sound)) / 2000)
    return replace(restless(frames, seed), samples=(sound * envelope).astype(np.float32))


def test_real_motion_is_like_itself(encoder: GestureEncoder) -> None:
    figures = body_figures(REAL, REAL, encoder)
    assert figures["fgd"] == pytest.approx(0, abs=1e-5)
    assert {name for name, value in figures.items() if np.isnan(value)} == {
        "beat_consistency",
        "beat_consistency_chance",
    }
    for name, value in figures.items():
        if name.endswith("_to_real"):
            assert value == pytest.approx(1), name
    assert figures["duration_s"] == pytest.approx(15)


def test_a_recording_at_60_fps_gives_the_same_figures(encoder: GestureEncoder) -> None:
    slow = speaking(200, 7)
    doubled = {
        field.name: np.repeat(getattr(slow, field.name), 2, axis=0)
        for field in fields(Performance)
        if field.name in ("rotations", "root_position", "blendshapes")
    }
    fast = replace(slow, fps=60.0, **doubled)
    assert body_figures([fast], REAL, encoder) == body_figures([slow], REAL, encoder)


@pytest.mark.parametrize("fps", [15.0, 25.0, 45.0])
def test_other_rates_are_refused(encoder: GestureEncoder, fps: float) -> None:
    with pytest.raises(ConfigError, match=f"{fps:g} fps"):
        body_figures([replace(body(100), fps=fps)], REAL, encoder)
