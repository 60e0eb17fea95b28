"""Makes the picture of the README: a recording as an animation.

umo demo --folder runs/demo
python examples/animate_run.py runs/demo/demo.npz docs/images/run.webp --seconds 8
"""

import argparse
from pathlib import Path

import numpy as np

from umo_runtime.stick_figure import animate

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("recording", type=Path, help="a .npz of umo run or umo demo")
parser.add_argument("picture", type=Path, help=".webp or .gif")
parser.add_argument("--seconds", type=float, default=8.0)
arguments = parser.parse_args()

with np.load(arguments.recording) as recording:
    frames = round(arguments.seconds * float(recording["fps"]))
    rotations, root, face = (
        recording[name][:frames] for name in ("rotations", "root_position", "blendshapes")
    )
arguments.picture.parent.mkdir(parents=True, exist_ok=True)
animate(arguments.picture, rotations, root, face)
