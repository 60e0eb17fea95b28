"""How fast the datagrams of a VMC frame are built, beside python-osc, in turns.

Both make the same bytes. python-osc gets the values as it needs them: that they are turned into the
receiver's space, which our side does every time, costs it nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from statistics import median
from time import perf_counter

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from engine_bridge.vmc_template import VmcTemplate
from umo_runtime.cli.bench_bridge_motion import Motion
from umo_runtime.types import MotionFrame

ROUNDS = 21
_FRAMES, _OSC_FRAMES = 500, 10  # of a round: about as long for either
_TAGS = {str: "s", int: "i", float: "f"}

Messages = Sequence[tuple[str, Sequence[str | int | float]]]  # address and arguments


@dataclass(frozen=True, slots=True)
class BuildTimes:
    """Seconds for a frame, one item a round.

    Attributes:
        python_osc_s: of python-osc.
        template_s: of the template that VMC senders patch.
    """

    python_osc_s: list[float]
    template_s: list[float]

    @property
    def speedup(self) -> float:
        """How many times faster the template is: the median of the rounds."""
        return median(a / b for a, b in zip(self.python_osc_s, self.template_s, strict=True))


def measure_build(motion: Motion, done: Callable[[], None], rounds: int = ROUNDS) -> BuildTimes:
    """Build frames in turns, so that a machine that slows down slows both.

    Args:
        motion: what is built.
        done: called after every round.
        rounds: how often.
    """
    template, frames = VmcTemplate(), cycle(motion)
    times = BuildTimes([], [])
    for _ in range(rounds):
        bundles = read_bundles(patched(template, next(frames)))
        times.python_osc_s.append(_seconds(partial(build_with_python_osc, bundles), _OSC_FRAMES))
        times.template_s.append(_seconds(lambda: patched(template, next(frames)), _FRAMES))
        done()
    return times


def patched(template: VmcTemplate, frame: MotionFrame) -> Sequence[memoryview]:
    """The datagrams of a frame, as senders make them."""
    template.set_pose(frame.rotations, frame.root_position, frame.blendshapes)
    template.set_time(frame.time_s)
    return template.datagrams


def read_bundles(datagrams: Sequence[memoryview]) -> list[Messages]:
    """What python-osc reads in datagrams, bundle by bundle."""
    return [
        [(message.address, message.params) for message in OscBundle(bytes(datagram))]
        for datagram in datagrams
    ]


def build_with_python_osc(bundles: Sequence[Messages]) -> list[bytes]:
    """Datagrams of what `read_bundles` has read."""
    return [_bundle(messages) for messages in bundles]


def _bundle(messages: Messages) -> bytes:
    bundle = OscBundleBuilder(IMMEDIATELY)
    for address, arguments in messages:
        message = OscMessageBuilder(address)
        for argument in arguments:
            message.add_arg(argument, _TAGS[type(argument)])
        bundle.add_content(message.build())
    built: bytes = bundle.build().dgram
    return built


def _seconds(build: Callable[[], object], frames: int) -> float:
    began_s = perf_counter()
    for _ in range(frames):
        build()
    return (perf_counter() - began_s) / frames
