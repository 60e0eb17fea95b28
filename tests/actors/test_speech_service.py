import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

import pytest

from actors.graph import build_graph
from actors.speech_service import SpeechService
from tests.actors.fake_fused import FakeFused
from tests.actors.fake_networks import FakeNetworks
from tests.actors.speech import bytes_of, chunked, make_samples
from tests.actors.test_graph import fresh, of_stream, run
from umo_runtime.types import AudioChunk, MotionFrame


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("umo-")] == []


def speech(stream: str, count: int, seed: int = 0) -> list[AudioChunk]:
    return chunked(make_samples(count, seed), [1600, 320], stream)


@pytest.mark.parametrize("networks", [FakeNetworks(), FakeFused()], ids=["three", "fused"])
def test_streams_come_and_go_while_it_runs_and_get_the_frames_of_the_stages(
    networks: FakeNetworks | FakeFused,
) -> None:
    frames = list[MotionFrame]()
    streams = {name: speech(name, 5000 + 700 * n, n) for n, name in enumerate("abcdef")}
    with SpeechService(networks, frames.extend) as service:
        for number, (one, other) in enumerate((("a", "b"), ("c", "d"), ("e", "f")), 1):
            for pair in zip_longest(streams[one], streams[other]):
                for chunk in filter(None, pair):
                    service.push(chunk)
            wait_for(lambda ended=2 * number: sum(frame.is_last for frame in frames) == ended)
    for name, chunks in streams.items():
        assert bytes_of(of_stream(frames, name)) == bytes_of(fresh(chunks))
    assert networks.num_admitted == 0


def wait_for(is_done: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 5
    while not is_done():
        assert time.monotonic() < deadline_s
        time.sleep(0.001)


def test_the_seed_of_a_stream_is_read_when_it_begins() -> None:
    frames, seeds = list[MotionFrame](), dict[str, int]()
    with SpeechService(FakeNetworks(), frames.extend, seeds) as service:
        seeds["a"] = 7
        for chunk in speech("a", 5000):
            service.push(chunk)
    seven = run(build_graph(FakeNetworks(), seeds={"a": 7}), speech("a", 5000))
    assert bytes_of(frames) == bytes_of(seven) != bytes_of(fresh(speech("a", 5000)))


def test_leaving_waits_for_all_that_was_pushed() -> None:
    frames: list[MotionFrame] = []

    def deliver_slowly(some: list[MotionFrame]) -> None:
        time.sleep(0.05)
        frames.extend(some)

    with SpeechService(FakeNetworks(), deliver_slowly) as service:
        for chunk in speech("a", 20_000):
            service.push(chunk)
    assert bytes_of(frames) == bytes_of(fresh(speech("a", 20_000)))


class _Broken:
    """Stands for a network whose step fails."""

    def __init__(self, network: Any, error: Exception) -> None:
        self._network, self._error = network, error

    def step(self, streams: Sequence[str], *inputs: Any) -> Any:
        raise self._error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)


@pytest.mark.parametrize("stage", ["tokenizer", "predictor", "interpolator"])
@pytest.mark.parametrize("is_checked", [False, True])
def test_an_error_in_a_stage_ends_it_with_that_error(stage: str, is_checked: bool) -> None:
    networks, error = FakeNetworks(), RuntimeError(f"the {stage} broke")
    setattr(networks, stage, _Broken(getattr(networks, stage), error))

    def serve() -> None:
        with SpeechService(networks, lambda frames: None) as service:
            service.check()
            for chunk in 3 * speech("a", 10_000):  # many go to a service that has ended
                service.push(chunk)
            deadline_s = time.monotonic() + 5
            while is_checked and time.monotonic() < deadline_s:
                service.check()

    with pytest.raises(RuntimeError) as caught:
        serve()
    assert caught.value is error


def test_an_error_of_the_receiver_ends_it_too() -> None:
    def refuse(frames: list[MotionFrame]) -> None:
        raise OSError("nobody listens")

    def serve() -> None:
        with SpeechService(FakeNetworks(), refuse) as service:
            for chunk in speech("a", 10_000):
                service.push(chunk)

    with pytest.raises(OSError, match="nobody listens"):
        serve()


def test_an_error_of_the_caller_stops_it_at_once() -> None:
    def serve() -> None:
        with SpeechService(FakeNetworks(), lambda frames: None) as service:
            service.push(speech("a", 10_000)[0])
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        serve()


def test_what_comes_after_the_end_is_passed_over() -> None:
    frames: list[MotionFrame] = []
    with SpeechService(FakeNetworks(), frames.extend) as service:
        pass
    service.push(speech("a", 10_000)[0])
    service.check()
    assert frames == []
