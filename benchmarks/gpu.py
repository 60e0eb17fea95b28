"""How many characters does one GPU play in real time, from speech to frames in host memory?

    python -m benchmarks.gpu --backend tensorrt torch --avatars 1 16 256 1024 4096 8192 16384

Plays every character one frame a tick, keyframes of a quarter of them in each, and writes
`benchmarks/results/gpu-MODEL.json`: a row for each number of characters and backend. A row is in
real time if 99 of 100 ticks end within a frame's time. The roofline is the time that the bytes that
must move, or the multiplications that must be made, take at this card's measured rates.
"""

import argparse
import gc
import itertools
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from umo_runtime.controls import NEUTRAL
from umo_runtime.engine.gpu.backends import open_gpu_engine
from umo_runtime.engine.gpu.device_engine import DeviceEngine
from umo_runtime.engine.gpu.tensorrt_library import tensorrt
from umo_runtime.engine.gpu.torch_graph import TorchGraph
from umo_runtime.engine.weights import Weights, bundled_folder, load_weights
from umo_runtime.types import FRAME_RATE_HZ, FRAMES_PER_KEYFRAME

RESULTS = Path(__file__).parent / "results"
_RING_BYTES = 2  # of a number in a ring
_SPEECH_TICKS = 64  # windows of so many ticks are there; then they come again


class Crowd:
    """Characters that all speak.

    Args:
        engine: plays them.
        count: of them.
        model: sizes of the networks.
    """

    def __init__(self, engine: DeviceEngine, count: int, text_slots: int) -> None:
        self._engine = engine
        self._names: list[str] = []
        random = np.random.default_rng(1)
        noise = random.normal(0, 0.1, 16_000).astype(np.float32)
        starts = random.integers(0, len(noise) - 1000, (_SPEECH_TICKS, 4))
        self._sound = noise[starts[..., None] + np.arange(400)]
        self._windows = np.empty((count, 4, 400), np.float32)
        self._text = np.zeros((count, text_slots), np.int64)
        self._controls = np.tile(NEUTRAL.vector(), (count, 1)).astype(np.float32)
        self._tick = 0
        for turn in range(min(FRAMES_PER_KEYFRAME, count)):  # keyframes of a quarter in each tick
            names = [f"{n}" for n in range(turn, count, FRAMES_PER_KEYFRAME)]
            engine.begin(names, range(len(names)), np.zeros((len(names), 4, 400), np.float32))
            self._names += names
            self.listen()
            self.step()

    def listen(self) -> None:
        """Sound of the next tick, different for neighbours."""
        count = len(self._names)
        at = (self._tick + np.arange(count)) % _SPEECH_TICKS
        self._windows[:count] = self._sound[at]
        self._tick += 1

    def step(self) -> tuple[np.ndarray, ...]:
        """Play a frame of everybody."""
        count = len(self._names)
        return self._engine.step(
            self._names, self._windows[:count], self._text[:count], self._controls[:count]
        )


def run(weights: Weights, backend: str, count: int, ticks: int, warm_up: int) -> dict[str, Any]:
    """Time ticks of a crowd."""
    gc.collect()  # the engine before this one
    torch.cuda.empty_cache()
    before = torch.cuda.mem_get_info()[0]
    began = time.perf_counter()
    engine = open_gpu_engine(weights, count, backend, lambda what: print(what, flush=True))
    ready_s = time.perf_counter() - began
    crowd = Crowd(engine, count, weights.model.text_slots)
    times = []
    for tick in range(warm_up + ticks):
        crowd.listen()
        began = time.perf_counter()
        frames = crowd.step()
        if tick >= warm_up:
            times.append(1000 * (time.perf_counter() - began))
    norms = np.linalg.norm(frames[0], axis=-1)
    assert np.isfinite(frames[0]).all() and abs(norms - 1).max() < 1e-3
    p50, p99 = np.percentile(times, (50, 99))
    return {
        "avatars": count,
        "tick_ms": {"p50": round(float(p50), 3), "p99": round(float(p99), 3)},
        "realtime": bool(p99 <= 1000 / FRAME_RATE_HZ),
        "memory_mb": round((before - torch.cuda.mem_get_info()[0]) / 2**20),
        "ready_s": round(ready_s, 1),
        "parts_ms": parts_ms(engine, count),
    }


def parts_ms(engine: DeviceEngine, count: int) -> dict[str, float]:
    """Median times of the graphs and copies of a tick on the device."""
    size, due = engine._tokenize.size_for(count), engine._predict.size_for(-(-count // 4))
    parts: dict[str, Callable[[], Any]] = {
        "to_device": lambda: (engine._given.send(size), engine._due.send(due)),
        "tokenizer": lambda: engine._tokenize(size),
        "predictor": lambda: engine._predict(due),
        "interpolator": lambda: engine._interpolate(size),
        "to_host": lambda: engine._fetch(count),
    }
    with torch.inference_mode():
        return {name: round(device_ms(part), 3) for name, part in parts.items()}


def device_ms(work: Callable[[], Any], repeats: int = 15) -> float:
    """Median time of some work on the device."""
    times = []
    for _ in range(repeats):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        work()
        end.record()
        end.synchronize()
        times.append(start.elapsed_time(end))
    return float(np.median(times))


def rates() -> dict[str, float]:
    """Measured ceilings of the card: bytes a second of a copy, operations a second of products."""
    block = torch.empty(2**30, dtype=torch.uint8, device="cuda")
    other = torch.empty_like(block)
    torch.backends.cuda.matmul.allow_tf32 = True
    square = torch.randn(8192, 8192, device="cuda")
    copy_ms = device_ms(lambda: other.copy_(block))
    result = {"bytes_per_s": 2 * block.numel() / copy_ms * 1000}
    for name, dtype in (("tf32", torch.float32), ("float16", torch.float16)):
        a = square.to(dtype)
        result[f"{name}_per_s"] = 2 * 8192**3 / device_ms(lambda a=a: a @ a) * 1000
    return result


def needs(weights: Weights) -> dict[str, dict[str, float]]:
    """Bytes and operations of one row of each network: state and rings once each way at most."""
    result = {}
    for name, file in weights.networks.items():
        graph = TorchGraph(file.content, torch.device("cpu"))
        kept = {part.name: torch.from_numpy(part.initial)[None] for part in file.kept}
        given = {
            key: torch.zeros((1, *kind.shape), dtype=kind.dtype)
            for key, kind in graph.inputs.items()
        }
        with FlopCounterMode(display=False) as counter, torch.inference_mode():
            graph(lambda key, known={**given, **kept}: known[key])
        state = sum(part.initial.nbytes for part in file.state)
        rings = sum(part.initial.size for part in file.rings) * _RING_BYTES
        window = file.rings[0].initial.shape[1] if file.rings else 1
        result[name] = {
            "operations": float(counter.get_total_flops()),
            "bytes": 2.0 * state + rings + rings / window,
            "weights_bytes": float(len(file.content)),
        }
    return result


def versions(backend: str) -> dict[str, str]:
    """Of what ran."""
    found = {"torch": torch.__version__, "cuda": str(torch.version.cuda)}
    if backend == "tensorrt":
        library = tensorrt()
        found[library.__name__] = library.__version__
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--backend", nargs="+", default=["tensorrt", "torch"], choices=("tensorrt", "torch")
    )
    parser.add_argument("--avatars", type=int, nargs="+", default=[1, 16, 256, 1024, 4096, 8192])
    parser.add_argument("--ticks", type=int, default=120)
    parser.add_argument("--weights", type=Path, default=bundled_folder())
    parser.add_argument("--name", default="base", help="what the results call the weights")
    parser.add_argument("--out", type=Path, default=RESULTS)
    args = parser.parse_args()
    weights = load_weights(args.weights)
    measured, need = rates(), needs(weights)
    print(json.dumps([measured, need]))
    args.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for count, backend in itertools.product(args.avatars, args.backend):
        try:
            row = run(weights, backend, count, args.ticks, warm_up=20)
        except torch.OutOfMemoryError as error:
            print("out of memory:", count, str(error)[:200])
            continue
        row |= roofline(measured, need, count, row["tick_ms"]["p50"])
        about = {"device": torch.cuda.get_device_name(), "backend": backend}
        rows.append({**about, "versions": versions(backend), "model": args.name, **row})
        print(json.dumps(rows[-1]), flush=True)
        rows.sort(key=lambda row: (row["avatars"], row["backend"]))
        (args.out / f"gpu-{args.name}.json").write_text(json.dumps(rows, indent=1) + "\n")


def roofline(
    measured: dict[str, float], need: dict[str, dict[str, float]], count: int, tick_ms: float
) -> dict[str, float]:
    """The least time of a tick on this card, and which share of the real one that is."""
    rows = {"tokenizer": count, "predictor": count / 4, "interpolator": count}
    moved = sum(n["bytes"] * rows[name] + n["weights_bytes"] for name, n in need.items())
    operations = sum(n["operations"] * rows[name] for name, n in need.items())
    floor_s = max(moved / measured["bytes_per_s"], operations / measured["tf32_per_s"])
    share = 1000 * floor_s / tick_ms
    return {"roofline_ms": round(1000 * floor_s, 3), "roofline_share": round(share, 3)}


if __name__ == "__main__":
    main()
