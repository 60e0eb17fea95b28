"""The strict sender profile, rule by rule, on datagrams that really went through a socket."""

import socket
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from actors.audio_capture import FileSource
from actors.embedded import run_embedded
from actors.graph import build_graph
from engine_bridge import open_sink
from tests.engine_bridge.bridge_frames import utterance
from tests.engine_bridge.osc_reader import Received, blends, read_bundle, read_frame
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.clock import ManualClock, MonotonicClock
from umo_runtime.engine import Engine
from umo_runtime.skeleton import BONES
from umo_runtime.types import MotionFrame

SAMPLE = Path(__file__).parents[2] / "umo_runtime" / "cli" / "demo" / "sample.ogg"
DATAGRAMS_PER_FRAME = 6
PRESETS = ["Blink", "A", "I", "U", "E", "O"]


class Collector:
    """A sink that keeps the frames."""

    def __init__(self) -> None:
        self.frames: list[MotionFrame] = []

    def write(self, frame: MotionFrame) -> None:
        self.frames.append(frame)

    def close(self) -> None:
        pass

    def abort(self) -> None:
        pass


def spoken() -> list[MotionFrame]:
    """The shipped speech sample through the whole graph."""
    collector, clock = Collector(), MonotonicClock()
    run_embedded([FileSource(SAMPLE, clock)], build_graph(Engine()), [collector], clock)
    return collector.frames


@pytest.fixture(scope="module", params=["made up", "spoken"])
def stream(request) -> tuple[list[list[bytes]], set[tuple[str, int]]]:
    """The datagrams of an utterance, a list for each frame, and where they came from."""
    utterance_frames = utterance(90) if request.param == "made up" else spoken()
    frames, sources, clock = [], set(), ManualClock(1000.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10)
        sink = open_sink(f"vmc://127.0.0.1:{receiver.getsockname()[1]}", clock)
        for frame in utterance_frames:
            sink.write(frame)
            clock.advance(1 / 30)
            received = [receiver.recvfrom(65536) for _ in range(DATAGRAMS_PER_FRAME)]
            frames.append([data for data, _ in received])
            sources |= {source for _, source in received}
        sink.close()
        receiver.setblocking(False)
        with pytest.raises(BlockingIOError):
            receiver.recv(1)
    return frames, sources


@pytest.fixture(scope="module")
def messages(stream) -> list[list[Received]]:
    return [read_frame(datagrams) for datagrams in stream[0]]


def only(frame: list[Received], address: str) -> Received:
    (found,) = [message for message in frame if message.address == address]
    return found


def test_no_datagram_is_longer_than_1400_bytes(stream):
    assert max(len(datagram) for frame in stream[0] for datagram in frame) <= 1400


def test_packing_is_greedy(stream):
    for frame in stream[0]:
        for datagram, following in pairwise(frame):
            first_size = int.from_bytes(following[16:20], "big")
            assert len(datagram) + 4 + first_size > 1400


def test_the_time_tag_is_immediate_and_nothing_is_nested(stream):
    for frame in stream[0]:
        for datagram in frame:
            assert datagram.startswith(b"#bundle\0\0\0\0\0\0\0\0\x01")
            assert datagram.count(b"#bundle") == 1
            assert read_bundle(datagram)


def test_the_order_of_a_frame(messages):
    expected = (
        ["/VMC/Ext/Bone/Pos"] * 55
        + ["/VMC/Ext/Root/Pos", "/VMC/Ext/OK", "/VMC/Ext/T"]
        + ["/VMC/Ext/Blend/Val"] * 58
        + ["/VMC/Ext/Blend/Apply"]
    )
    for frame in messages:
        assert [message.address for message in frame] == expected


def test_apply_ends_the_last_datagram_and_only_that(stream):
    for frame in stream[0]:
        assert read_bundle(frame[-1])[-1] == Received("/VMC/Ext/Blend/Apply", ",", ())


def test_type_tags_are_exact(messages):
    tags = {
        "/VMC/Ext/Bone/Pos": ",sfffffff",
        "/VMC/Ext/Root/Pos": ",sfffffff",
        "/VMC/Ext/OK": ",iii",
        "/VMC/Ext/T": ",f",
        "/VMC/Ext/Blend/Val": ",sf",
        "/VMC/Ext/Blend/Apply": ",",
    }
    for frame in messages:
        for message in frame:
            assert message.tags == tags[message.address]
            assert len(message.arguments) == len(message.tags) - 1


def test_every_humanoid_bone_once(messages):
    for frame in messages:
        names = [m.arguments[0] for m in frame if m.address == "/VMC/Ext/Bone/Pos"]
        assert names == list(BONES)


def test_every_blend_every_frame(messages):
    for frame in messages:
        names = [m.arguments[0] for m in frame if m.address == "/VMC/Ext/Blend/Val"]
        assert names == [*BLENDSHAPES, *PRESETS]
        assert [blends(frame)[name] for name in PRESETS] == [0] * 6


def test_root_is_the_identity_at_the_origin(messages):
    for frame in messages:
        root = only(frame, "/VMC/Ext/Root/Pos")
        assert root.arguments == ("root", 0, 0, 0, 0, 0, 0, 1)


def test_ok_says_loaded_calibrated_normal(messages):
    for frame in messages:
        assert only(frame, "/VMC/Ext/OK").arguments == (1, 3, 0)


def test_time_runs_from_zero(messages):
    times = [only(frame, "/VMC/Ext/T").arguments[0] for frame in messages]
    np.testing.assert_allclose(times, np.arange(len(times)) / 30, atol=1e-4)


def test_one_source_port_for_life(stream):
    assert len(stream[1]) == 1


def test_rotations_are_unit(messages):
    for frame in messages:
        poses = [m.arguments[4:] for m in frame if m.address == "/VMC/Ext/Bone/Pos"]
        np.testing.assert_allclose(np.linalg.norm(poses, axis=1), 1, atol=1e-5)
