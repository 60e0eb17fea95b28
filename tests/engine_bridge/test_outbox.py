import queue
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.client_connection import ClientConnection
from engine_bridge.client_stream import ClientStream
from engine_bridge.outbox import Outbox
from engine_bridge.wire import (
    FRAME_VALUES,
    block_message,
    decode,
    decode_from_server,
    encode,
    frame_message,
    frame_values,
)
from engine_bridge.wire_messages import (
    MOST_FRAMES,
    SERVER_MESSAGES,
    Block,
    Ended,
    Frame,
    Hello,
    Open,
    Pong,
)
from tests.engine_bridge.bridge_frames import utterance
from umo_runtime.errors import WireError

POSES = utterance(5)
FLUSH = "flush"
STREAMS = ("a", "Señor 7", "c")
NUMBERS = st.integers(0, 2**32 - 1)


def frame(stream: str, index: int, segment: int = 1, pts_s: float = 0.5) -> Frame:
    payload = frame_message(POSES[index % len(POSES)], index, segment, pts_s).payload
    return Frame(stream, index, segment, pts_s, payload)


FRAMES = st.builds(frame, st.sampled_from(STREAMS), NUMBERS, NUMBERS, st.floats(0, 1e6))
OTHERS = st.builds(Ended, st.sampled_from(STREAMS), NUMBERS, st.floats(0, 1e6))
POSTS = st.lists(st.one_of(FRAMES, FRAMES, FRAMES, OTHERS, st.just(FLUSH)), max_size=30)


def sent(posts: list[Any], *, in_blocks: bool) -> list[bytes]:
    out: list[bytes] = []
    outbox = Outbox(out.append, in_blocks=in_blocks)
    for post in posts:
        if post is FLUSH:
            outbox.flush()
        else:
            outbox.post(post)
    outbox.flush()
    return out


def delivered(messages: list[bytes]) -> dict[str, list[Any]]:
    """What the streams of a client get."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()
    connection = ClientConnection("tcp://x", Hello("x"), lambda data: None, answers)
    inboxes: dict[str, queue.SimpleQueue[Any]] = {name: queue.SimpleQueue() for name in STREAMS}
    for name, inbox in inboxes.items():
        connection.add(ClientStream(Open(name), lambda message: None, inbox, answers))
    for data in messages:
        connection.receive(data)
    assert connection.error is None
    return {name: [inbox.get() for _ in range(inbox.qsize())] for name, inbox in inboxes.items()}


@given(POSTS)
def test_blocks_hold_the_messages_that_are_sent_one_by_one(posts: list[Any]) -> None:
    single, blocks = (sent(posts, in_blocks=in_blocks) for in_blocks in (False, True))
    assert len(blocks) <= len(single)
    expected = [post for post in posts if post is not FLUSH]
    for way in (single, blocks):
        assert [message for data in way for message in decode_from_server(data)] == expected
    assert delivered(blocks) == delivered(single)


def test_a_moment_is_one_message() -> None:
    frames = [frame(f"npc {number}", number) for number in range(100)]
    (data,) = sent(frames, in_blocks=True)
    block = decode(data, SERVER_MESSAGES)
    assert isinstance(block, Block)
    assert block.streams[99] == "npc 99"
    poses = np.frombuffer(block.payload, "<f4").reshape(100, FRAME_VALUES)
    np.testing.assert_array_equal(poses[3, :220].reshape(55, 4), POSES[3].rotations)
    for came, went in zip(decode_from_server(data), frames, strict=True):
        for values, expected in zip(frame_values(came), frame_values(went), strict=True):
            np.testing.assert_array_equal(values, expected)


def test_what_is_no_frame_goes_out_at_once_behind_those_before_it() -> None:
    out: list[bytes] = []
    outbox = Outbox(out.append, in_blocks=True)
    outbox.post(frame("a", 0))
    assert not out
    outbox.post(Ended("a", 1, 0.5))
    outbox.post(Pong(1))
    kinds = [type(decode(data, SERVER_MESSAGES)) for data in out]
    assert kinds == [Block, Ended, Pong]


def test_the_longest_names_fit() -> None:
    frames = [frame("\U0001f600" * 64, 2**32 - 1, 2**32 - 1) for _ in range(MOST_FRAMES + 1)]
    first, second = sent(frames, in_blocks=True)
    assert len(decode_from_server(first)) == MOST_FRAMES
    assert decode_from_server(second) == frames[-1:]


@pytest.mark.parametrize(
    "change",
    [
        {"streams": ["a"]},
        {"indices": [1, 2, 3]},
        {"segments": []},
        {"pts_s": [0.0]},
        {"payload": b""},
        {"payload": bytes(8 * FRAME_VALUES + 1)},
    ],
)
def test_a_block_that_lacks_something_is_refused(change: dict[str, Any]) -> None:
    whole = block_message([frame("a", 0), frame("b", 1)])
    fields = {name: getattr(whole, name) for name in Block.__slots__}
    with pytest.raises(WireError, match="expected as many of each, and 1100 bytes a frame"):
        decode_from_server(encode(Block(**{**fields, **change})))
