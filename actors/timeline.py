"""What the samples of a stream are: runs of a segment's audio, and runs in which nobody speaks."""

from collections import deque
from dataclasses import dataclass, field, replace

from umo_runtime.audio.framing import samples_needed
from umo_runtime.types import FRAME_RATE_HZ, SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class _Run:
    """Samples from `start` on are those of `segment` from `offset` on."""

    start: float
    segment: int
    offset: int


@dataclass(slots=True)
class Timeline:
    """Samples fed to the graph, and the frames that come back.

    Attributes:
        num_fed: samples so far; the index of the next one.
        num_shown: frames so far; the index of the next one.
    """

    num_fed: int = 0
    num_shown: int = 0
    _num_due: int = 0
    _runs: deque[_Run] = field(default_factory=deque)

    def feed(self, count: int, segment: int, offset: int) -> None:
        """Note samples: those of a segment from `offset` on, or of none."""
        last = self._runs[-1] if self._runs else None
        if last is None or last.segment != segment:
            self._runs.append(_Run(self.num_fed, segment, offset if segment else 0))
        self.num_fed += count
        self._count_due()

    @property
    def in_flight(self) -> int:
        """Frames that the graph can make of what it was fed and that have not come back."""
        return self._num_due - self.num_shown

    def show(self, index: int) -> tuple[int, float]:
        """Segment and time in it of a frame; frames come in order.

        Args:
            index: of the frame, 30 a second.
        """
        place = index * SAMPLE_RATE_HZ / FRAME_RATE_HZ
        while len(self._runs) > 1 and self._runs[1].start <= place:
            self._runs.popleft()
        self.num_shown = index + 1
        run = self._runs[0]
        return run.segment, (place - run.start + run.offset) / SAMPLE_RATE_HZ

    def moved(self, frames: int) -> "Timeline":
        """The same samples in a stream that begins so many frames later, none of it shown."""
        place = frames * SAMPLE_RATE_HZ / FRAME_RATE_HZ
        later = Timeline(self.num_fed - first_sample(frames))
        later._runs.extend(replace(run, start=run.start - place) for run in self._runs)
        later._count_due()
        return later

    @property
    def num_samples_shown(self) -> float:
        """Samples whose frames have come back."""
        return self.num_shown * SAMPLE_RATE_HZ / FRAME_RATE_HZ

    def _count_due(self) -> None:
        while samples_needed(self._num_due) <= self.num_fed:
            self._num_due += 1


def first_sample(frame: int) -> int:
    """The sample nearest to a frame's time."""
    return round(frame * SAMPLE_RATE_HZ / FRAME_RATE_HZ)
