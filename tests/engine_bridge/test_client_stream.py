import queue
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.client_stream import ClientStream
from engine_bridge.wire import MAX_MESSAGE_BYTES, decode, encode
from engine_bridge.wire_messages import (
    CLIENT_MESSAGES,
    Audio,
    Cleared,
    Ended,
    Frame,
    Open,
    Refusal,
    Stats,
)
from umo_runtime.errors import AudioError


class Recorded(ClientStream):
    """A stream whose messages are kept, encoded and decoded once."""

    def __init__(self, wire_format: Literal["s16", "f32"] = "s16") -> None:
        self.sent: list[Any] = []
        self.events: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
        opened = Open("npc", format=wire_format)
        super().__init__(opened, self._keep, self.events, self.answers)

    def _keep(self, message: Any) -> None:
        self.sent.append(decode(encode(message), CLIENT_MESSAGES))

    def samples(self, dtype: str) -> npt.NDArray[Any]:
        return np.frombuffer(b"".join(message.payload for message in self.sent), dtype)


FULL = st.integers(-32768, 32767)


@given(st.lists(st.lists(FULL, max_size=50), max_size=10))
def test_int16_arrives_as_it_was_in_any_chunks(chunks: list[list[int]]) -> None:
    stream = Recorded()
    for chunk in chunks:
        stream.say(np.array(chunk, np.int16))
    assert stream.samples("<i2").tolist() == [sample for chunk in chunks for sample in chunk]
    assert {message.segment for message in stream.sent} <= {1}


@given(st.lists(FULL, max_size=50), st.sampled_from(["float32", "float64"]))
def test_float_and_int16_are_the_same_speech_in_both_formats(
    values: list[int], dtype: Literal["float32", "float64"]
) -> None:
    whole = np.array(values, np.int16)
    fractions = (whole / 32768).astype(dtype)
    for samples in (whole, fractions):
        s16, f32 = Recorded("s16"), Recorded("f32")
        s16.say(samples)
        f32.say(samples)
        assert s16.samples("<i2").tolist() == values
        np.testing.assert_array_equal(f32.samples("<f4"), whole / np.float32(32768))


def test_too_loud_is_cut_not_wrapped() -> None:
    stream = Recorded()
    stream.say(np.array([1.0, 2.0, -1.0, -2.0]))
    assert stream.samples("<i2").tolist() == [32767, 32767, -32768, -32768]


def test_an_hour_is_sent_in_pieces() -> None:
    stream = Recorded()
    samples = np.arange(3 * MAX_MESSAGE_BYTES // 2, dtype=np.int64).astype(np.int16)
    stream.say(samples)
    assert len(stream.sent) >= 3
    assert all(isinstance(message, Audio) and message.segment == 1 for message in stream.sent)
    np.testing.assert_array_equal(stream.samples("<i2"), samples)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros((2, 3), np.int16),
        np.zeros(3, np.int32),
        np.zeros(3, np.uint8),
        np.array(["a"]),
        np.float32(1),
        np.array([0.5, np.nan]),
        np.array([np.inf]),
    ],
)
def test_samples_of_another_kind_are_refused(samples: npt.NDArray[Any]) -> None:
    stream = Recorded()
    with pytest.raises(AudioError):
        stream.say(samples)
    assert stream.sent == []
    assert stream.segment == 0


def test_a_slow_reader_misses_mere_life_only() -> None:
    stream = Recorded()
    for index in range(10_000):
        stream.accept(Frame("npc", index, 0, 0.0))
    waiting = stream.events.qsize()
    assert waiting < 10_000
    for message in (Frame("npc", 1, 1, 0.0), Ended("npc", 1, 1.0), Refusal("value", "x", "npc")):
        stream.accept(message)
    assert stream.events.qsize() == waiting + 3


def test_answers_go_where_they_are_waited_for() -> None:
    stream = Recorded()
    stream.accept(Stats("npc", 1, 1.0, 0, 0.0, 0))
    assert (stream.answers.qsize(), stream.events.qsize()) == (1, 0)


def test_a_clear_that_is_refused_cuts_nothing() -> None:
    stream = Recorded()
    stream.say(np.zeros(1, np.int16))
    stream.clear()
    stream.accept(Refusal("busy", "too many interruptions at once", "npc"))
    stream.say(np.zeros(1, np.int16))
    stream.clear()
    stream._event(Cleared("npc", 1))
    assert stream._is_heard


def test_no_samples_begin_no_segment() -> None:
    stream = Recorded()
    stream.say(np.zeros(0, np.float32))
    stream.end()
    assert stream.sent == []
    assert stream._is_heard
