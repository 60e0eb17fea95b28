"""Tells overload by how late frames are, and answers it with fewer frames a second for all."""

from dataclasses import dataclass, field

import numpy as np

from umo_runtime.types import FRAME_RATE_HZ

_LOOK_EVERY_S = 1.0
_LATE_S, _EASY_S = 0.20, 0.10  # 95 % of frames are made within; above: overload, below: none
_CALM_S = 5.0  # of ease before frames are sent more often again
_SLOWEST = 3  # one frame in so many, 10 a second


@dataclass(slots=True)
class Overload:
    """How many frames are skipped.

    Attributes:
        every: one frame in so many is sent.
    """

    every: int = 1
    _ages_s: list[float] = field(default_factory=list)
    _looked_s: float | None = None
    _eased_s: float | None = None
    _was_late: bool = False

    @property
    def fps(self) -> int:
        """Frames sent a second."""
        return FRAME_RATE_HZ // self.every

    def note(self, age_s: float) -> None:
        """A frame came so long after the newest sound that it depends on."""
        self._ages_s.append(age_s)

    def look(self, now_s: float) -> bool:
        """Decide, once a second; returns whether the rate has changed."""
        if self._looked_s is None:
            self._looked_s = now_s
        if now_s - self._looked_s < _LOOK_EVERY_S or not self._ages_s:
            return False
        self._looked_s = now_s
        age_s, before = float(np.quantile(self._ages_s, 0.95)), self.every
        self._ages_s.clear()
        if age_s > _LATE_S:
            if self._was_late:  # not for one second in which many came at once
                self.every = min(_SLOWEST, self.every + 1)
            self._was_late, self._eased_s = True, None
            return self.every != before
        self._was_late = False
        if age_s > _EASY_S:
            self._eased_s = None
        elif self._eased_s is None:
            self._eased_s = now_s
        elif now_s - self._eased_s >= _CALM_S:
            self.every, self._eased_s = max(1, self.every - 1), now_s
        return self.every != before
