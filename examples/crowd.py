"""Many characters from one process, all talking at the pace of speech.

umo serve --streams 64
python examples/crowd.py umo_runtime/cli/demo/sample.ogg --avatars 20 --seconds 10
"""

import argparse
import time
from pathlib import Path

import numpy as np
import soundfile

from engine_bridge.client import Client, Npc
from engine_bridge.client_frame import ClientFrame

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("speech", type=Path, help="what all say, each from another place on")
parser.add_argument("--url", default="tcp://127.0.0.1:7601")
parser.add_argument("--token", default="", help="the server's secret")
parser.add_argument("--avatars", type=int, default=20)
parser.add_argument("--seconds", type=int, default=10)
arguments = parser.parse_args()

samples, rate_hz = soundfile.read(arguments.speech, dtype="float32", always_2d=True)
voice = samples.mean(axis=1)
chunk = rate_hz // 50  # 20 ms


def arrived(npc: Npc) -> int:
    """Count the frames that wait."""
    count = 0
    while (event := npc.receive(timeout_s=0)) is not None:
        count += isinstance(event, ClientFrame)
    return count


def run(client: Client) -> None:
    """Let all talk."""
    crowd = [client.open(f"avatar {n}", rate_hz=rate_hz) for n in range(arguments.avatars)]
    offsets = np.linspace(0, len(voice), len(crowd), endpoint=False).astype(int)
    began_s, frames = time.monotonic(), 0
    for tick in range(50 * arguments.seconds):
        time.sleep(max(0.0, began_s + tick / 50 - time.monotonic()))
        for npc, offset in zip(crowd, offsets, strict=True):
            places = np.arange(tick * chunk, (tick + 1) * chunk) + offset
            npc.say(voice[places % len(voice)])
            frames += arrived(npc)
        if tick % 50 == 49:
            late_ms = 1000 * max(npc.stats().late_s for npc in crowd)
            print(f"{frames} frames this second, the latest one {late_ms:.0f} ms behind its sound")
            frames = 0


with Client(arguments.url, token=arguments.token) as client:
    run(client)
