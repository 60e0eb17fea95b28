"""Golden poses through a real output, each after the receiver has answered to the one before."""

from collections.abc import Callable
from typing import TypeVar

from engine_bridge import open_sink
from tests.conformance.golden_poses import POSES
from tests.engine_bridge.osc_reader import Received, read_bundle
from tests.engine_bridge.udp_receiver import open_receiver, url_of
from umo_runtime.clock import ManualClock

MAX_DATAGRAM_BYTES = 1400  # longer ones are cut on their way, or kill their receiver
FRAME_ENDS = ("/VMC/Ext/Blend/Apply", "/time")
Answer = TypeVar("Answer")


def lock_step(url: str, answer: Callable[[], Answer]) -> dict[str, Answer]:
    """What the receiver at an address answers to each pose, by its name."""
    sink = open_sink(url, ManualClock())
    answers = {}
    try:
        for name, pose in POSES.items():
            sink.write(pose.frame)
            answers[name] = answer()
    finally:
        sink.close()
    return answers


def messages_of(scheme: str, query: str = "") -> dict[str, list[Received]]:
    """What python-osc reads of every pose."""
    with open_receiver() as receiver:

        def answer() -> list[Received]:
            messages: list[Received] = []
            while not messages or not messages[-1].address.endswith(FRAME_ENDS):
                datagram = receiver.recv(65536)
                assert len(datagram) <= MAX_DATAGRAM_BYTES
                messages += read_bundle(datagram)
            return messages

        return lock_step(url_of(receiver, scheme, query), answer)
