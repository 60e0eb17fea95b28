"""Which frame the receiver shows now: where an interruption falls."""

from collections import deque
from dataclasses import dataclass, field

from umo_runtime.types import MotionFrame

_MOST_FRAMES = 9000  # five minutes


@dataclass(frozen=True, slots=True)
class _Sent:
    frame: MotionFrame
    segment: int
    pts_s: float
    sent_s: float


@dataclass(slots=True)
class Playhead:
    """Frames that were sent, and when each segment began to play.

    A segment plays from its first frame on, once those before it are over, until the receiver says
    otherwise. Frames without a segment are shown when they come.
    """

    _sent: deque[_Sent] = field(default_factory=lambda: deque(maxlen=_MOST_FRAMES))
    _began_s: dict[int, float] = field(default_factory=dict)
    _ends_s: float = 0.0

    def sent(self, frame: MotionFrame, segment: int, pts_s: float, now_s: float) -> None:
        """Note a frame."""
        if segment:
            began_s = self._began_s.setdefault(segment, max(now_s, self._ends_s) - pts_s)
            self._ends_s = max(self._ends_s, began_s + pts_s)
        self._sent.append(_Sent(frame, segment, pts_s, now_s))
        while len(self._sent) > 1 and self._shown_s(self._sent[1]) < now_s - 1:
            left = self._sent.popleft()
            if left.segment and left.segment != self._sent[0].segment:
                self._began_s.pop(left.segment, None)

    def correct(self, segment: int, position_s: float, now_s: float) -> None:
        """The receiver says how far it has played."""
        if segment in self._began_s:
            self._began_s[segment] = now_s - position_s

    def shown(self, now_s: float) -> tuple[MotionFrame, int] | None:
        """The frame that is shown now and its segment; none before the first."""
        if not self._sent:
            return None
        past = [sent for sent in self._sent if self._shown_s(sent) <= now_s]
        last = past[-1] if past else self._sent[0]
        return last.frame, last.segment

    def _shown_s(self, sent: _Sent) -> float:
        if not sent.segment:
            return sent.sent_s
        return self._began_s.get(sent.segment, sent.sent_s - sent.pts_s) + sent.pts_s
