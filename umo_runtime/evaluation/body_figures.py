"""All figures of one body over many utterances, beside real motion."""

from collections.abc import Sequence
from dataclasses import replace

from umo_runtime.errors import ConfigError
from umo_runtime.evaluation.balance import left_right_balance
from umo_runtime.evaluation.beats import beat_consistency, typical_speeds
from umo_runtime.evaluation.contact import foot_contact, wrist_penetration
from umo_runtime.evaluation.diversity import gesture_diversity_m, l1_diversity_m
from umo_runtime.evaluation.dynamics import dynamics
from umo_runtime.evaluation.gesture_distance import gesture_distance
from umo_runtime.evaluation.gesture_encoder import GestureEncoder
from umo_runtime.evaluation.performance import Performance
from umo_runtime.types import FRAME_RATE_HZ

_RATIOS = {
    "jerk_to_real": "jerk_m_per_s3",
    "moving_jerk_to_real": "moving_jerk_m_per_s3",
    "angular_speed_to_real": "angular_speed_rad_per_s",
    "moving_angular_speed_to_real": "moving_angular_speed_rad_per_s",
    "wrist_speed_to_real": "wrist_speed_m_per_s",
}


def body_figures(
    performances: Sequence[Performance], real: Sequence[Performance], encoder: GestureEncoder
) -> dict[str, float]:
    """Every figure of a subject by name; units are in the names.

    Args:
        performances: what the subject made of all utterances, or real motion without speech (whose
            beat consistency is NaN).
        real: held-out real motion of the same kind.
        encoder: of the gesture distance.

    Raises:
        ConfigError: a frame rate that cannot be brought to 30.
    """
    made, truth = ([_at_30_fps(each) for each in side] for side in (performances, real))
    moves, real_moves = dynamics(made), dynamics(truth)
    diversity = gesture_diversity_m(made)
    return {
        **gesture_distance(made, truth, encoder),
        **beat_consistency(made, typical_speeds(truth)),
        "l1_diversity_m": l1_diversity_m(made),
        "gesture_diversity_m": diversity,
        "gesture_diversity_to_real": diversity / gesture_diversity_m(truth),
        **moves,
        **{ratio: moves[name] / real_moves[name] for ratio, name in _RATIOS.items()},
        **foot_contact(made),
        **wrist_penetration(made),
        **left_right_balance(made),
        "duration_s": sum(len(each.rotations) / each.fps for each in made),
    }


def _at_30_fps(performance: Performance) -> Performance:
    """Every second frame of 60 fps, and so on."""
    step = performance.fps / FRAME_RATE_HZ
    if step < 1 or step % 1:
        raise ConfigError(
            f"a recording at {performance.fps:g} fps cannot be measured; expected a multiple "
            "of 30, record it again at 30 or 60"
        )
    every = slice(None, None, int(step))
    return replace(
        performance,
        fps=float(FRAME_RATE_HZ),
        rotations=performance.rotations[every],
        root_position=performance.root_position[every],
        blendshapes=performance.blendshapes[every],
    )
