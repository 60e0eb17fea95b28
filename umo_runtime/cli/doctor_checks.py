"""The things that `umo doctor` looks at, each for itself: one that fails hides no other."""

import errno
import platform
import socket
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from actors.graph import build_graph
from actors.networks import Networks
from umo_runtime.cli.doctor_finding import Finding
from umo_runtime.cli.live_job import open_audio_host
from umo_runtime.errors import AudioError, WeightsError
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ, AudioChunk

VMC_PORT = 39539
_OLDEST_PYTHON = (3, 11)
_FRAME_PERIOD_MS = 1000 / FRAME_RATE_HZ
_OPTIONAL = {
    "torch": "pip install 'umo-runtime[train]'",
    "ray": "pip install 'umo-runtime[cluster]'",
    "tensorrt_rtx": "pip install 'umo-runtime[tensorrt]'",
}
_NO_INPUT = {
    "Linux": "plug one in; for PulseAudio or PipeWire: apt install libasound2-plugins; in a "
    "container or over ssh, share the sound server",
    "Darwin": "plug one in; allow the terminal in System Settings, Privacy & Security, Microphone",
    "Windows": "plug one in; allow desktop apps in Settings, Privacy & security, Microphone",
}


def examine(weights: Path | None) -> Iterator[Finding]:
    """Look at everything, what matters most first.

    Args:
        weights: folder of networks; None for the bundled ones.
    """
    yield python()
    yield from packages()
    yield networks(weights)
    yield from backends()
    yield from sound()
    yield vmc_port(VMC_PORT)


def python() -> Finding:
    """Its version."""
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info >= _OLDEST_PYTHON:
        return Finding("Python", "ok", detail)
    return Finding("Python", "fail", detail, "install Python 3.11, 3.12 or 3.13")


def packages() -> Iterator[Finding]:
    """What the base install needs, as one finding if all is there."""
    found, remedy = [], "pip install --force-reinstall umo-runtime"
    for requirement in requires("umo-runtime") or ():
        name, _, marker = requirement.partition(";")
        if "extra" in marker:
            continue
        name = name.split(">")[0].strip()
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            yield Finding(name, "fail", "not installed", remedy)
    yield Finding("packages", "ok", ", ".join([f"umo-runtime {version('umo-runtime')}", *found]))


def networks(weights: Path | None) -> Finding:
    """Load them and move a character for a second."""
    from umo_runtime.cli.engine import open_engine

    try:
        started_s = time.perf_counter()
        engine = open_engine(weights)
        loaded_s = time.perf_counter() - started_s
        frame_ms = _frame_ms(engine)
    except WeightsError as error:
        return Finding("networks", "fail", str(error), "pip install --force-reinstall umo-runtime")
    except Exception as error:  # whatever a broken onnxruntime may raise
        return Finding(
            "networks", "fail", repr(error), "pip install --force-reinstall onnxruntime numpy"
        )
    detail = f"loaded in {1000 * loaded_s:.0f} ms, a frame takes {frame_ms:.1f} ms"
    if frame_ms < _FRAME_PERIOD_MS:
        return Finding("networks", "ok", detail)
    return Finding("networks", "warn", detail, "close other programs: live, a frame has 33 ms")


def _frame_ms(engine: Networks) -> float:
    """Computing time of a frame of noise, all networks together."""
    graph = build_graph(engine)
    noise = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE_HZ).astype(np.float32)
    started_s = time.perf_counter()
    tokens = graph.tokenizer.process([AudioChunk("doctor", 0, noise, 0.0, is_last=True)])
    keyframes = graph.predictor.process(tokens)
    frames = graph.interpolator.process([*tokens, *keyframes])
    return 1000 * (time.perf_counter() - started_s) / len(frames)


def backends() -> Iterator[Finding]:
    """What can compute."""
    try:
        onnxruntime = import_module("onnxruntime")
        found = ", ".join(onnxruntime.get_available_providers())
        yield Finding("onnxruntime", "ok", found)
    except Exception as error:
        yield Finding(
            "onnxruntime", "fail", repr(error), "pip install --force-reinstall onnxruntime"
        )
    for name, command in _OPTIONAL.items():
        is_there = find_spec(name) is not None
        yield Finding(name, "ok", "installed" if is_there else f"not needed; {command}")
    for backend in ("torch", "tensorrt"):
        yield Finding(f"--backend {backend}", "ok", _gpu_backend(backend))


def _gpu_backend(name: str) -> str:
    try:
        from umo_runtime.engine.gpu.backends import obstacle
    except ModuleNotFoundError as error:
        return f"not needed; {error.name} is not installed"
    return obstacle(name) or "can run"


def sound() -> Iterator[Finding]:
    """PortAudio and the microphones."""
    try:
        host = open_audio_host()
    except AudioError as error:
        yield Finding("PortAudio", "warn", "`umo live` cannot hear", str(error))
        return
    yield Finding("PortAudio", "ok", getattr(host, "version", type(host).__name__))
    inputs = host.inputs()
    if not inputs:
        yield Finding("microphone", "warn", "there is none", _NO_INPUT.get(platform.system(), ""))
        return
    default = next((one.name for one in inputs if one.is_default), None)
    detail = f"{len(inputs)} ({', '.join(one.name for one in inputs)}), default: {default}"
    if default is not None:
        yield Finding("microphone", "ok", detail)
    else:
        yield Finding("microphone", "warn", detail, "choose one: umo live --device NAME")


def vmc_port(port: int) -> Finding:
    """Whether an avatar program listens on this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("0.0.0.0", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return Finding(f"UDP {port}", "ok", "a VMC receiver listens here")
            return Finding(f"UDP {port}", "warn", str(error), "allow UDP in the firewall")
    return Finding(
        f"UDP {port}",
        "ok",
        "nobody listens yet: start the avatar program, turn its VMC receiver on",
    )
