"""The device engine plays what the three networks of the processor's engine play."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.umo_runtime.export.tiny_bundle import TinyBundle
from umo_runtime.audio.framing import SpeechFramer
from umo_runtime.config import ModelConfig
from umo_runtime.controls import CONTROL_DIM
from umo_runtime.engine import Engine
from umo_runtime.engine.gpu.device_engine import DeviceEngine
from umo_runtime.engine.gpu.torch_graph import TorchGraph
from umo_runtime.engine.weights import bundled_folder, load_weights
from umo_runtime.errors import EngineError
from umo_runtime.types import FRAMES_PER_KEYFRAME, FloatArray

CAPACITY = 6
BOUND = 1e-4
ROW_BOUND = 1e-5  # a matrix product may add in another order for another batch size


@dataclass
class Speech:
    """What a stream hears, is told and has played: its own, and the same on every run."""

    name: str
    model: ModelConfig
    frame: int = -1
    windows: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        noise = np.random.default_rng(ord(self.name)).normal(size=60_000).astype(np.float32)
        self.windows = SpeechFramer().push(0.2 * noise).windows

    def inputs(self) -> tuple[FloatArray, Any, FloatArray]:
        random = np.random.default_rng([ord(self.name), self.frame + 1])
        text = random.integers(0, self.model.text_codes, self.model.text_slots)
        return self.windows[self.frame + 1], text, random.random(CONTROL_DIM, dtype=np.float32)


class Reference:
    """The networks of the processor's engine, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.engine = Engine(folder, CAPACITY)
        self.codes: dict[str, Any] = {}
        self.keyframes: dict[str, list[FloatArray]] = {}
        self.frames: dict[str, int] = {}

    def begin(self, stream: str, seed: int, windows: FloatArray) -> None:
        self.engine.tokenizer.admit(stream)
        self.engine.interpolator.admit(stream)
        self.keyframes[stream] = 2 * [self.engine.predictor.admit(stream, seed)]
        codes, _ = self.engine.tokenizer.step([stream], windows)
        self.codes[stream], self.frames[stream] = [codes[0]] * FRAMES_PER_KEYFRAME, 0

    def evict(self, stream: str) -> None:
        for network in (self.engine.tokenizer, self.engine.predictor, self.engine.interpolator):
            network.evict(stream)

    def step(self, stream: str, windows: Any, text: Any, controls: Any) -> Sequence[FloatArray]:
        codes, features = self.engine.tokenizer.step([stream], windows)
        self.codes[stream] = [*self.codes[stream][1:], codes[0]]
        frame = self.frames[stream]
        if frame % FRAMES_PER_KEYFRAME == 0:
            heard = np.stack(self.codes[stream])[None]
            pose = self.engine.predictor.step([stream], heard, text, controls)[0]
            self.keyframes[stream] = [self.keyframes[stream][1], pose]
        self.frames[stream] += 1
        previous, following = (pose[None] for pose in self.keyframes[stream])
        phase = np.array([frame % FRAMES_PER_KEYFRAME / FRAMES_PER_KEYFRAME], np.float32)
        return self.engine.interpolator.step(
            [stream], previous, following, phase, features, controls
        )


def device_engine(folder: Path, device: str = "cpu", capacity: int = CAPACITY) -> DeviceEngine:
    weights, place = load_weights(folder), torch.device(device)
    return DeviceEngine(
        weights, lambda name: TorchGraph(weights.networks[name].content, place), capacity, place
    )


class Pair:
    """Both, stepped alike."""

    def __init__(self, device: DeviceEngine, reference: Reference) -> None:
        self.device, self.reference = device, reference
        self.speech: dict[str, Speech] = {}

    def begin(self, streams: str) -> None:
        started = [Speech(stream, self.reference.engine.model) for stream in streams]
        windows = np.stack([speech.inputs()[0] for speech in started])
        self.device.begin(list(streams), [ord(stream) for stream in streams], windows)
        for row, speech in enumerate(started):
            self.reference.begin(speech.name, ord(speech.name), windows[row : row + 1])
            speech.frame = 0
            self.speech[speech.name] = speech

    def evict(self, stream: str) -> None:
        self.device.evict(stream)
        self.reference.evict(stream)
        del self.speech[stream]

    def step(self, streams: Sequence[str]) -> Sequence[FloatArray]:
        inputs = [self.speech[stream].inputs() for stream in streams]
        windows, text, controls = (np.stack(parts) for parts in zip(*inputs, strict=True))
        made = self.device.step(list(streams), windows, text, controls)
        for row, stream in enumerate(streams):
            one = slice(row, row + 1)
            expected = self.reference.step(stream, windows[one], text[one], controls[one])
            for output, other in zip(made, expected, strict=True):
                assert output.dtype == other.dtype
                np.testing.assert_allclose(output[row], other[0], atol=BOUND, rtol=BOUND)
            self.speech[stream].frame += 1
        return made


@pytest.fixture(scope="module")
def shared(bundle: TinyBundle) -> Pair:
    return Pair(device_engine(bundle.folder), Reference(bundle.folder))


@pytest.fixture
def pair(shared: Pair) -> Any:
    """A pair that has served others before, in rows that are now free."""
    yield shared
    for stream in list(shared.speech):
        shared.evict(stream)


def _play(pair: Pair, rounds: int) -> None:
    """Streams of different age, in changing company, beyond the length of a ring."""
    for at in range(rounds):
        if at % 3 == 0 and at < 3 * CAPACITY // 2:
            pair.begin("abcdef"[2 * at // 3 : 2 * at // 3 + 2])
        streams = sorted(pair.speech)
        pair.step(streams[at % 2 :])


def test_frames_equal_those_of_the_processors_engine(pair: Pair) -> None:
    _play(pair, rounds=60)


@pytest.mark.slow
def test_bundled_networks_play_the_same() -> None:
    folder = bundled_folder()
    _play(Pair(device_engine(folder), Reference(folder)), rounds=60)


_EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("come or go"), st.sampled_from("abcdefg")),
        st.tuples(st.just("step"), st.lists(st.sampled_from("abcdefg"), unique=True)),
    ),
    max_size=25,
)


@settings(max_examples=15)
@given(events=_EVENTS)
def test_streams_may_come_and_go(shared: Pair, events: list[tuple[str, Any]]) -> None:
    for event, given_ in events:
        if event == "step":
            streams = [stream for stream in given_ if stream in shared.speech]
            if streams:
                shared.step(streams)
        elif given_ in shared.speech:
            shared.evict(given_)
        elif len(shared.speech) < CAPACITY:
            shared.begin(given_)
    for stream in list(shared.speech):
        shared.evict(stream)


@pytest.mark.parametrize("company", ["b", "bc", "bcdef"])
def test_neither_company_nor_padding_changes_a_row(pair: Pair, company: str) -> None:
    pair.begin("a")
    alone = [pair.step("a") for _ in range(9)]
    pair.evict("a")
    pair.begin(company)
    pair.step(company)
    pair.begin("a")
    for expected in alone:
        beside = pair.step([*company, "a"])
        for one, two in zip(beside, expected, strict=True):
            np.testing.assert_allclose(one[-1], two[0], atol=ROW_BOUND, rtol=ROW_BOUND)


def test_more_keyframes_than_are_drawn_at_once(
    bundle: TinyBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("umo_runtime.engine.gpu.device_engine.MOST_DUE", 2)
    pair = Pair(device_engine(bundle.folder), Reference(bundle.folder))
    pair.begin("abcde")
    for _ in range(9):
        pair.step("abcde")


def test_too_many_streams_begin_none_of_them(pair: Pair) -> None:
    pair.begin("ab")
    windows = np.zeros((5, 4, 400), np.float32)
    with pytest.raises(EngineError, match="all 6 slots are taken"):
        pair.device.begin(list("cdefg"), [0] * 5, windows)
    pair.begin("cdef")
    pair.step("abcdef")


def test_a_stream_that_has_not_begun(pair: Pair) -> None:
    with pytest.raises(EngineError, match="stream 'x' is not admitted; admit it first"):
        pair.device.evict("x")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_graphs_play_the_same(bundle: TinyBundle) -> None:
    _play(Pair(device_engine(bundle.folder, "cuda"), Reference(bundle.folder)), rounds=60)
