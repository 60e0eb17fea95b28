"""An NPC of a game says a file: sound in, frames on the sound's own timeline out.

umo serve
python examples/npc.py umo_runtime/cli/demo/sample.ogg --emotion joy --record npc.npz
"""

import argparse
import time
from pathlib import Path

import numpy as np
import soundfile

from engine_bridge.client import Client
from umo_runtime.errors import UmoError

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("speech", type=Path, help="wav, flac, ogg ...")
parser.add_argument("--url", default="tcp://127.0.0.1:7601")
parser.add_argument("--token", default="", help="the server's secret")
parser.add_argument("--emotion", default="neutral", help="neutral, joy, anger or sadness")
parser.add_argument("--record", type=Path, metavar="NPZ", help="keep the frames")
arguments = parser.parse_args()

samples, rate_hz = soundfile.read(arguments.speech, dtype="float32", always_2d=True)
try:
    with Client(arguments.url, token=arguments.token) as client:
        npc = client.open("npc", rate_hz=rate_hz)
        npc.control(emotion=arguments.emotion)
        began_s = time.monotonic()
        npc.say(samples.mean(axis=1))  # in pieces, too, as a voice makes them
        npc.end()
        frames = [frame for frame in npc.frames() if frame.segment]  # 0: before it speaks
        took_s = time.monotonic() - began_s
except UmoError as error:
    parser.exit(2, f"{error}\n")

print(f"{len(frames)} frames for {len(samples) / rate_hz:.1f} s of speech in {took_s:.1f} s")
print(f"shown from {frames[0].pts_s:.3f} s to {frames[-1].pts_s:.3f} s of the sound")
if arguments.record:
    np.savez_compressed(
        arguments.record,
        pts_s=[frame.pts_s for frame in frames],
        rotations=[frame.rotations for frame in frames],
        root_position=[frame.root_position for frame in frames],
        blendshapes=[frame.blendshapes for frame in frames],
    )
