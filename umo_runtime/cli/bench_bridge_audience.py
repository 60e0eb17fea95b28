"""Who reads the frames that `umo bench bridge` sends: decodes all, misses none, compares some."""

from collections import Counter
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from engine_bridge.direct_link import DirectLink
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import Close, Closed, Frame, Ping
from umo_runtime.cli.bench_bridge_motion import Motion, shown
from umo_runtime.clock import MonotonicClock

_TOLD_EVERY = 250  # frames
_COMPARED_EVERY = 97  # frames; a prime, so that it is every character's turn
_LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class Received:
    """What the receiver saw.

    Attributes:
        frames: that came.
        missing: in the indices of the characters' frames.
        compared: with what they must hold.
        wrong: that held something else.
    """

    frames: int
    missing: int
    compared: int
    wrong: int


def listen(
    pipe: "Connection[Any, Any]", url: str, in_blocks: bool, motion: Motion, avatars: int
) -> None:
    """Read all that comes, and tell how far it is; the other process of the measurement.

    Args:
        pipe: gets a `Received` in the end.
        url: of the sender.
        in_blocks: ask for frames in blocks.
        motion: what the characters show.
        avatars: how many there are.
    """
    clock = MonotonicClock()
    with DirectLink(url, clock, blocks=in_blocks) as link:
        audience = Audience(motion, avatars)
        for message, _ in link.receive_until(clock.now_s() + _LONGEST_S):
            if isinstance(message, Frame):
                audience.see(message)
                if audience.frames % _TOLD_EVERY == 0:
                    link.send(Ping(audience.frames))
            elif isinstance(message, Closed):
                link.send(Close(message.stream))
                break
        pipe.send(audience.received())
        pipe.poll(None)


class Audience:
    """Counts frames and compares some.

    Args:
        motion: what the characters show.
        avatars: how many there are.

    Attributes:
        frames: that came.
    """

    def __init__(self, motion: Motion, avatars: int) -> None:
        self._motion = motion
        self._numbers = {f"avatar {number}": number for number in range(avatars)}
        self._next: Counter[str] = Counter()
        self._missing = self._compared = self._wrong = 0
        self.frames = 0

    def see(self, frame: Frame) -> None:
        """Take a frame."""
        self._missing += frame.index != self._next[frame.stream]
        self._next[frame.stream] = frame.index + 1
        self.frames += 1
        if self.frames % _COMPARED_EVERY == 0:
            self._compared += 1
            self._wrong += not self._is_as_sent(frame)

    def received(self) -> Received:
        """What was seen so far."""
        return Received(self.frames, self._missing, self._compared, self._wrong)

    def _is_as_sent(self, frame: Frame) -> bool:
        sent = shown(self._motion, self._numbers[frame.stream], frame.index)
        return all(
            np.array_equal(came, went)
            for came, went in zip(
                frame_values(frame),
                (sent.rotations, sent.root_position, sent.blendshapes),
                strict=True,
            )
        )
