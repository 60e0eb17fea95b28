"""How a character stops: it eases back into the pose that streams begin in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from actors.frame_rate import FrameRate
from actors.networks import Networks
from engine_bridge.frame_sink import FrameSink
from umo_runtime.clock import Clock
from umo_runtime.controls import NEUTRAL
from umo_runtime.types import FloatArray, MotionFrame

EASE_S = 0.5
_MIN_ANGLE_RAD = 1e-3  # below it both sines vanish; a straight blend is as good


@dataclass(frozen=True, slots=True)
class RestPose:
    """A character that stands and waits.

    Attributes:
        rotations: [55, 4] xyzw.
        root_position: [3] in metres.
    """

    rotations: FloatArray
    root_position: FloatArray


def rest_pose(networks: Networks, stream: str = "rest") -> RestPose:
    """Ask networks for the pose that every stream begins in; takes a slot while it runs."""
    pose = networks.predictor.admit(stream, 0)[None]
    networks.tokenizer.admit(stream)
    networks.interpolator.admit(stream)
    _, features = networks.tokenizer.step([stream], np.zeros((1, 4, 400), np.float32))
    rotations, root_position, _ = networks.interpolator.step(
        [stream], pose, pose, np.zeros(1, np.float32), features, NEUTRAL.vector()[None]
    )
    for network in (networks.tokenizer, networks.predictor, networks.interpolator):
        network.evict(stream)
    return RestPose(rotations[0], root_position[0])


def ease_to_rest(
    last: MotionFrame, rest: RestPose, duration_s: float, fps: FrameRate
) -> Iterator[MotionFrame]:
    """Yield the frames from the one after `last` to the one at rest, the face relaxed.

    They slow down evenly: no step is larger than the first, which covers 13 % of the way at 30 fps
    and 0.5 s.

    Args:
        last: where the character is.
        rest: where it goes.
        duration_s: how long it takes, at least one frame.
        fps: of the stream.
    """
    steps = max(1, round(duration_s * fps))
    for step in range(1, steps + 1):
        left = (1 - step / steps) ** 2
        yield replace(
            last,
            index=last.index + step,
            time_s=last.time_s + step / fps,
            rotations=_slerp(rest.rotations, last.rotations, left),
            root_position=np.asarray(
                rest.root_position + left * (last.root_position - rest.root_position), np.float32
            ),
            blendshapes=np.asarray(left * last.blendshapes, np.float32),
            is_last=step == steps,
        )


def _slerp(start: FloatArray, end: FloatArray, phase: float) -> FloatArray:
    """Rotate from `start` to `end`, [55, 4] each, along the shorter arcs; phase in 0..1."""
    end = np.where((start * end).sum(axis=-1, keepdims=True) < 0, -end, end)
    chord, bisector = (np.linalg.norm(start + sign * end, axis=-1) for sign in (-1, 1))
    angle = 2 * np.arctan2(chord, bisector)[:, None]
    straight = angle < _MIN_ANGLE_RAD
    kept = np.where(straight, 1 - phase, np.sin((1 - phase) * angle))
    added = np.where(straight, phase, np.sin(phase * angle))
    turned = kept * start + added * end
    return np.asarray(turned / np.linalg.norm(turned, axis=-1, keepdims=True), np.float32)


class Farewell:
    """A `FrameSink` in front of others: on `close`, the character eases to rest before they close.

    Args:
        sinks: get every frame, in this order.
        rest: where it ends.
        fps: of the stream.
        clock: paces the way there.
    """

    def __init__(
        self, sinks: Sequence[FrameSink], rest: RestPose, fps: FrameRate, clock: Clock
    ) -> None:
        self._sinks = sinks
        self._rest = rest
        self._fps: FrameRate = fps
        self._clock = clock
        self._last: MotionFrame | None = None

    def write(self, frame: MotionFrame) -> None:
        """Pass a frame on."""
        self._last = replace(frame, is_last=False)
        for sink in self._sinks:
            sink.write(self._last)

    def close(self) -> None:
        """Ease to rest, at pace, then close the sinks."""
        last, self._last = self._last, None
        if last is not None:
            start_s = self._clock.now_s()
            for frame in ease_to_rest(last, self._rest, EASE_S, self._fps):
                now_s = start_s + frame.time_s - last.time_s
                self._clock.wait_until(now_s)
                for sink in self._sinks:
                    sink.write(replace(frame, captured_s=now_s))
        for sink in self._sinks:
            sink.close()

    def abort(self) -> None:
        """Discard at once."""
        for sink in self._sinks:
            sink.abort()
