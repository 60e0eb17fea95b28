"""Variants of stage 3: how far keyframes lie apart, and how experts are routed.

The distance of keyframes is a constant of the design, not an option, so a variant runs in a copy of
the source with other constants. What is counted in steps of the predictor there keeps its length in
seconds: the memory, and how long it is left to its own draws in training. All variants cut takes
and crops on the same grid.
"""

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from umo_runtime.config import ModelConfig, Routing
from umo_runtime.errors import ConfigError

DESIGNED_INTERVAL = 4  # frames, also of all velocities in takes and codes
_GRID_FRAMES = 24  # a whole number of every variant's keyframes and of samples
_OWN_RUN_FRAMES = 32
_PACKAGES = ("umo_runtime", "benchmarks")
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to build and train the predictor.

    Attributes:
        name: as it is asked for.
        interval: frames from keyframe to keyframe; 1 draws every frame.
        routing: of experts.
    """

    name: str
    interval: int = DESIGNED_INTERVAL
    routing: Routing = "region"

    def model(self, designed: ModelConfig) -> ModelConfig:
        """The sizes of this variant, which remembers as many seconds."""
        steps = designed.window_steps * DESIGNED_INTERVAL // self.interval
        return replace(designed, routing=self.routing, window_steps=steps)


INTERVALS = tuple(Variant(f"every-{interval}", interval) for interval in (1, 2, 4, 8))
ROUTINGS = (Variant("learned", routing="learned"), Variant("none", routing="none"))
VARIANTS = {variant.name: variant for variant in (*INTERVALS, *ROUTINGS)}


def copy_source(interval: int, folder: Path, root: Path = _ROOT) -> None:
    """Copy the source into a folder and change its keyframe interval there.

    Raises:
        ConfigError: a constant is not where it was.
    """
    for package in _PACKAGES:
        left_out = shutil.ignore_patterns("__pycache__", "weights", "demo", "results")
        shutil.copytree(root / package, folder / package, ignore=left_out)
    training = folder / "umo_runtime" / "training"
    _set(folder / "umo_runtime" / "types.py", "FRAMES_PER_KEYFRAME", interval)
    _set(training / "dataset.py", "_GRID_FRAMES", _GRID_FRAMES)
    _set(training / "roll_out.py", "_RUN_STEPS", _OWN_RUN_FRAMES // interval)


def _set(path: Path, name: str, value: int) -> None:
    changed, count = re.subn(
        rf"^{name} = \d+\b", f"{name} = {value}", path.read_text("utf-8"), flags=re.MULTILINE
    )
    if count != 1:
        raise ConfigError(
            f"{path.name} sets {name} {count} times; expected once, tell benchmarks.ablations "
            "where it is now"
        )
    path.write_text(changed, "utf-8")
