"""Runs the graph with one thread per stage in this process: the default, no Ray.

Frames are written to the sinks from the calling thread, so that Ctrl-C and errors of a sink end a
run like errors of a stage: every thread stops, every sink is aborted, the caller gets the error.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from actors.audio_capture import AudioSource
from actors.channel import Channel, ChannelClosed
from actors.crew import Crew
from actors.graph import SpeechGraph
from actors.latency import LatencyMeter, LatencySummary
from actors.pacing import Pacer
from actors.stage import Stage
from engine_bridge.frame_sink import FrameSink
from umo_runtime.clock import Clock
from umo_runtime.types import AudioChunk, Keyframe, MotionFrame, SpeechTokens

_MAX_BATCH = 64  # items a stage takes at once; bounds how long the others wait

X = TypeVar("X")
Y = TypeVar("Y")


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did.

    Attributes:
        frames: frames handed to the sinks.
        wall_s: from the start of processing to the last frame handed over.
        first_frame_s: by stream, until its first frame was handed over. Paced: counted from when
            the newest sample that frame depends on was captured. Not paced: from the start of
            processing, so it is the compute time.
        latency: per frame, from when the newest sample it depends on was captured until the sinks
            had it. Not paced, this includes the wait in the channels between stages.
    """

    frames: int
    wall_s: float
    first_frame_s: Mapping[str, float]
    latency: LatencySummary


def run_embedded(
    sources: Sequence[AudioSource],
    graph: SpeechGraph,
    sinks: Sequence[FrameSink],
    clock: Clock,
    pacer: Pacer | None = None,
    audio: Channel[AudioChunk] | None = None,
) -> RunReport:
    """Run speech through the graph until every source ends.

    Args:
        sources: the speech, one stream each.
        graph: stages that hold none of these streams yet.
        sinks: get every frame. Closed at the end, aborted after an error.
        clock: the scale of `captured_s`.
        pacer: holds frames back until they are due; None hands them over as they come.
        audio: where chunks wait for the graph, for a writer per source. None waits for it, as files
            do; live, give one that drops the oldest, and read its counters.

    Raises:
        Exception: whatever a source, a stage or a sink raised, unchanged.
    """
    with ExitStack() as stack:
        for sink in sinks:
            stack.callback(sink.abort)  # does nothing once the sink is closed
        try:
            report = _run(sources, graph, sinks, clock, pacer, audio)
        except BaseException:
            for source in sources:
                graph.reset(source.stream)
            raise
        for sink in sinks:
            sink.close()
    return report


def _run(
    sources: Sequence[AudioSource],
    graph: SpeechGraph,
    sinks: Sequence[FrameSink],
    clock: Clock,
    pacer: Pacer | None,
    audio: Channel[AudioChunk] | None,
) -> RunReport:
    audio = audio or Channel(8, writers=len(sources), clock=clock)
    tokens: Channel[SpeechTokens] = Channel(16, clock=clock)
    joined: Channel[SpeechTokens | Keyframe] = Channel(32, writers=2, clock=clock)
    frames: Channel[MotionFrame] = Channel(16, clock=clock)
    started_s = clock.now_s()
    with Crew((audio, tokens, joined, frames)) as crew:
        crew.start("interpolator", partial(serve, graph.interpolator, joined, (frames,)))
        crew.start("predictor", partial(serve, graph.predictor, tokens, (joined,)))
        crew.start("tokenizer", partial(serve, graph.tokenizer, audio, (tokens, joined)))
        for source in sources:
            crew.start(f"source-{source.stream}", partial(_feed, source, audio))
        handed = _Handover(sinks, clock, pacer, started_s)
        for frame in frames:
            handed.write(frame)
    return handed.report()


def _feed(source: AudioSource, outbox: Channel[AudioChunk]) -> None:
    for chunk in source:
        outbox.put(chunk)
    outbox.close()


def serve(stage: Stage[X, Y], inbox: Channel[X], outboxes: Sequence[Channel[Any]]) -> None:
    """Pass items through a stage until its inbox ends."""
    while True:
        try:
            items = inbox.get_batch(_MAX_BATCH)
        except ChannelClosed:
            break
        for output in stage.process(items):
            for outbox in outboxes:
                outbox.put(output)
    for outbox in outboxes:
        outbox.close()


class _Handover:
    """Writes frames to all sinks and takes their times."""

    def __init__(
        self, sinks: Sequence[FrameSink], clock: Clock, pacer: Pacer | None, started_s: float
    ) -> None:
        self._sinks = sinks
        self._clock = clock
        self._pacer = pacer
        self._started_s = self._last_s = started_s
        self._frames = 0
        self._first_frame_s: dict[str, float] = {}
        self._latency = LatencyMeter()

    def write(self, frame: MotionFrame) -> None:
        if self._pacer is not None:
            self._pacer.wait(frame)
        for sink in self._sinks:
            sink.write(frame)
        self._last_s = self._clock.now_s()
        self._frames += 1
        self._latency.add(self._last_s - frame.captured_s)
        if frame.stream not in self._first_frame_s:
            since_s = frame.captured_s if self._pacer is not None else self._started_s
            self._first_frame_s[frame.stream] = self._last_s - since_s

    def report(self) -> RunReport:
        return RunReport(
            self._frames,
            self._last_s - self._started_s,
            self._first_frame_s,
            self._latency.summary(),
        )
