import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from actors.channel import Channel
from actors.embedded import run_embedded
from actors.frame_rate import FrameRate
from actors.graph import build_graph
from actors.pacing import Pacer
from tests.actors.fake_networks import FakeNetworks
from tests.actors.speech import bytes_of, chunked, make_samples
from tests.actors.test_audio_capture import JumpingClock
from tests.actors.test_graph import fresh, of_stream
from umo_runtime.clock import ManualClock, MonotonicClock
from umo_runtime.types import AudioChunk, MotionFrame


@dataclass
class ListSource:
    """Chunks from memory."""

    stream: str
    chunks: Sequence[AudioChunk]

    def __iter__(self) -> Iterator[AudioChunk]:
        return iter(self.chunks)


class ListSink:
    """Frames to memory; may fail at the n-th call of one method."""

    def __init__(self, fail_write_at: int = -1, fail_close: bool = False) -> None:
        self.frames: list[MotionFrame] = []
        self.ended: list[str] = []
        self._fail_write_at = fail_write_at
        self._fail_close = fail_close

    def write(self, frame: MotionFrame) -> None:
        if len(self.frames) == self._fail_write_at:
            raise OSError("disk full")
        self.frames.append(frame)

    def close(self) -> None:
        if self._fail_close:
            raise OSError("folder gone")
        self.ended.append("close")

    def abort(self) -> None:
        if not self.ended:
            self.ended.append("abort")


class Failing:
    """A stage that works until its third call."""

    def __init__(self, stage: Any, error: BaseException) -> None:
        self._stage, self._error, self._calls = stage, error, 0

    def process(self, items: Sequence[Any]) -> list[Any]:
        self._calls += 1
        if self._calls == 3:
            raise self._error
        result: list[Any] = self._stage.process(items)
        return result

    def reset(self, stream: str) -> None:
        self._stage.reset(stream)


def source(stream: str = "a", count: int = 20_000, seed: int = 0) -> ListSource:
    return ListSource(stream, chunked(make_samples(count, seed), [320], stream))


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("umo-")] == []


@pytest.mark.parametrize("fps", [30, 60])
def test_threads_give_the_frames_of_the_plain_stages(fps: FrameRate) -> None:
    networks, sinks = FakeNetworks(), [ListSink(), ListSink()]
    report = run_embedded([source()], build_graph(networks, fps), sinks, MonotonicClock())
    for sink in sinks:
        assert bytes_of(sink.frames) == bytes_of(fresh(source().chunks, fps))
        assert sink.ended == ["close"]
    assert report.frames == len(sinks[0].frames)
    assert networks.num_admitted == 0


def test_streams_share_the_stages_and_stay_apart() -> None:
    sources = [source(name, 6000 + 777 * seed, seed) for seed, name in enumerate("abcde")]
    sink = ListSink()
    report = run_embedded(sources, build_graph(FakeNetworks()), [sink], MonotonicClock())
    for one in sources:
        assert bytes_of(of_stream(sink.frames, one.stream)) == bytes_of(fresh(one.chunks))
    assert set(report.first_frame_s) == set("abcde")


@pytest.mark.parametrize("name", ["tokenizer", "predictor", "interpolator"])
def test_an_error_in_a_stage_surfaces_unchanged_and_discards_everything(name: str) -> None:
    error = RuntimeError(f"the {name} broke")
    networks = FakeNetworks()
    graph = build_graph(networks)
    graph = replace(graph, **{name: Failing(getattr(graph, name), error)})
    sinks = [ListSink(), ListSink()]
    with pytest.raises(RuntimeError) as caught:
        run_embedded([source("a"), source("b")], graph, sinks, MonotonicClock())
    assert caught.value is error
    assert [sink.ended for sink in sinks] == [["abort"], ["abort"]]
    assert networks.num_admitted == 0


def test_an_error_in_a_source_surfaces() -> None:
    @dataclass
    class Broken(ListSource):
        def __iter__(self) -> Iterator[AudioChunk]:
            yield from self.chunks[:10]
            raise OSError("microphone unplugged")

    sink = ListSink()
    broken = Broken("a", source().chunks)
    with pytest.raises(OSError, match="unplugged"):
        run_embedded([broken], build_graph(FakeNetworks()), [sink], MonotonicClock())
    assert sink.ended == ["abort"]


def test_an_error_in_a_sink_discards_all_of_them() -> None:
    sinks = [ListSink(), ListSink(fail_write_at=5), ListSink()]
    with pytest.raises(OSError, match="disk full"):
        run_embedded([source()], build_graph(FakeNetworks()), sinks, MonotonicClock())
    assert [sink.ended for sink in sinks] == [["abort"]] * 3


def test_a_sink_that_cannot_be_closed_discards_the_ones_after_it() -> None:
    sinks = [ListSink(), ListSink(fail_close=True), ListSink()]
    with pytest.raises(OSError, match="folder gone"):
        run_embedded([source()], build_graph(FakeNetworks()), sinks, MonotonicClock())
    assert [sink.ended for sink in sinks] == [["close"], ["abort"], ["abort"]]


def test_ctrl_c_ends_a_run_like_an_error() -> None:
    class Interrupted(ListSink):
        def write(self, frame: MotionFrame) -> None:
            raise KeyboardInterrupt

    sink = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        run_embedded([source()], build_graph(FakeNetworks()), [sink], MonotonicClock())
    assert sink.ended == ["abort"]


def test_first_frame_without_pacing_is_counted_from_the_start_of_processing() -> None:
    class Slow(ListSink):
        def write(self, frame: MotionFrame) -> None:
            clock.advance(0.25)

    clock = ManualClock(100.0)
    chunks = [replace(chunk, captured_s=0.0) for chunk in source().chunks]
    report = run_embedded([ListSource("a", chunks)], build_graph(FakeNetworks()), [Slow()], clock)
    assert report.first_frame_s == {"a": 0.25}
    assert report.wall_s == 0.25 * report.frames


def test_first_frame_with_pacing_is_counted_from_its_newest_sample() -> None:
    clock = JumpingClock(0.0)  # ListSource dates chunks by their first sample; only dates matter
    pacer = Pacer(clock, start_s=0.0, delay_s=0.1)
    report = run_embedded([source()], build_graph(FakeNetworks()), [ListSink()], clock, pacer)
    # Frame 0 needs samples up to 58.3 ms, which arrive with the chunk dated 0.04 s.
    assert report.first_frame_s["a"] == pytest.approx(0.1 - 0.04)
    assert 40 < report.latency.p50_ms < 80


def test_ray_is_never_imported() -> None:
    code = "import sys, actors.embedded; sys.exit('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_live_sound_waits_in_the_channel_that_is_given() -> None:
    clock, sink = MonotonicClock(), ListSink()
    audio: Channel[AudioChunk] = Channel(2, "drop_oldest", clock=clock)
    run_embedded([source()], build_graph(FakeNetworks()), [sink], clock, audio=audio)
    stats = audio.stats()
    assert stats.put == len(source().chunks) == stats.taken + stats.dropped
    assert sink.frames[-1].index == fresh(source().chunks)[-1].index  # time never slips
