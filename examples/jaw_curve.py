"""Prints how far the jaw is open, frame by frame.

python examples/jaw_curve.py speech.wav
"""

import sys
from pathlib import Path

from actors.audio_capture import FileSource
from actors.embedded import run_embedded
from actors.graph import build_graph
from umo_runtime.blendshapes import BLENDSHAPE_INDEX
from umo_runtime.clock import MonotonicClock
from umo_runtime.engine import Engine
from umo_runtime.types import MotionFrame


class JawPrinter:
    """A frame sink: this is all that a receiver of your own has to offer."""

    def write(self, frame: MotionFrame) -> None:
        """Show one frame; `frame.rotations` and `frame.root_position` are the body."""
        jaw = float(frame.blendshapes[BLENDSHAPE_INDEX["jawOpen"]])
        print(f"{frame.time_s:6.2f} s {'#' * round(60 * jaw)}")

    def close(self) -> None:
        """Nothing to finish."""

    def abort(self) -> None:
        """Nothing to discard."""


clock = MonotonicClock()
run_embedded([FileSource(Path(sys.argv[1]), clock)], build_graph(Engine()), [JawPrinter()], clock)
