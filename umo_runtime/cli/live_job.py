"""What `umo live` does: a microphone through the graph, until somebody stops it."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from actors.audio_device import find_device
from actors.audio_host import AudioHost
from actors.channel import Channel
from actors.embedded import run_embedded
from actors.farewell import Farewell, rest_pose
from actors.frame_rate import FrameRate
from actors.graph import build_graph
from actors.microphone import MicrophoneSource
from actors.midpoint_spacing import MidpointSpacing
from actors.monitor import MonitorRequest
from actors.portaudio import open_portaudio
from engine_bridge import FrameSink, open_sink
from umo_runtime.audio.conditioning import VoiceConditioner
from umo_runtime.audio.gain import AutomaticGain
from umo_runtime.audio.gate import NoiseGate
from umo_runtime.cli.engine import open_engine
from umo_runtime.cli.live_display import LiveDisplay, open_presenter
from umo_runtime.cli.live_signals import stopped_by_signals
from umo_runtime.cli.live_status import LiveMeter, LiveStatus
from umo_runtime.clock import Clock, MonotonicClock
from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.types import AudioChunk

_STREAM = "main"
_WAITING_CHUNKS = 16  # 160 ms of sound

Display = Literal["terminal", "json", "none"]


@dataclass(frozen=True, slots=True)
class LiveJob:
    """What to do; the fields are the options of `umo live`."""

    device: str | None = None
    outputs: tuple[str, ...] = ()
    fps: FrameRate = 30
    controls: Controls = NEUTRAL
    gate_db: float | None = None
    has_gain: bool = True
    monitor: MonitorRequest | None = None
    seed: int = 0
    weights: Path | None = None
    display: Display = "terminal"
    max_s: float | None = None


def run_live(job: LiveJob, clock: Clock | None = None) -> LiveStatus:
    """Do it until the time is over, or SIGINT or SIGTERM comes; then ease the character to rest.

    Returns:
        What was so at the end.

    Raises:
        UmoError: the microphone, an output or the weights cannot be used.
    """
    clock = clock or MonotonicClock()
    audio: Channel[AudioChunk] = Channel(_WAITING_CHUNKS, "drop_oldest", clock=clock)
    with ExitStack() as stack:
        sinks: list[FrameSink] = []
        for url in job.outputs:
            sinks.append(open_sink(url, clock))
            stack.callback(sinks[-1].abort)
        source = _open_source(job, open_audio_host(), clock)
        engine = open_engine(job.weights)
        rest = rest_pose(engine)
        meter = LiveMeter(source, audio, job.outputs, job.fps, clock)
        stack.enter_context(stopped_by_signals(source.stop))
        presenter = open_presenter(job.display)
        sinks.append(LiveDisplay(meter, presenter, clock))
        stack.callback(sinks[-1].abort)
        sink = MidpointSpacing(Farewell(sinks, rest, job.fps, clock), clock)
        graph = build_graph(engine, job.fps, {_STREAM: job.seed})
        run_embedded([source], graph, [sink], clock, audio=audio)
    return meter.status()


def open_audio_host() -> AudioHost:
    """Open the machine's own sound system.

    Raises:
        AudioError: PortAudio is missing.
    """
    return open_portaudio()


def _open_source(job: LiveJob, host: AudioHost, clock: Clock) -> MicrophoneSource:
    conditioner = VoiceConditioner(
        None if job.gate_db is None else NoiseGate(job.gate_db),
        AutomaticGain() if job.has_gain else None,
    )
    return MicrophoneSource(
        host,
        find_device(host.inputs(), job.device, "input"),
        clock,
        conditioner,
        _STREAM,
        job.controls,
        job.monitor,
        job.max_s,
    )
