"""The messages of the native protocol; `docs/wire_protocol.md` says what each means.

A message is a flat record. Its fields travel under their names; a field that has its default may be
left out. `payload` fields travel as raw bytes behind the record.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

SampleFormat = Literal["s16", "f32"]
NO_SEGMENT = 0  # of frames in which the character only lives
MOST_SHOWN, MOST_AHEAD_S = 4, 600.0  # of `Stand`
MOST_FRAMES = 200  # of `Block`; with the longest names there are, they fit a record

# --- what clients send


@dataclass(frozen=True, slots=True)
class Hello:
    """First message of a client; with `blocks` frames come as `Block`, not as `Frame`."""

    client: str
    token: str = ""
    blocks: bool | None = None  # left out by who does not ask: older servers do not know it


@dataclass(frozen=True, slots=True)
class Open:
    """Bring a character to life."""

    stream: str
    rate_hz: int = 16_000
    format: SampleFormat = "s16"
    seed: int | None = None
    paced: bool = False


@dataclass(frozen=True, slots=True)
class Stand:
    """Begin where the character stood elsewhere; the payload is that of its last `Frame`.

    `shown` frames of the audio that follows were shown there, so that what is to come is known by
    its sound; the next frame is due in `ahead_s`.
    """

    stream: str
    shown: int = 0
    ahead_s: float = 0.0
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Audio:
    """Speech; a new segment number begins a segment."""

    stream: str
    segment: int
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class End:
    """No more audio of this segment."""

    stream: str
    segment: int


@dataclass(frozen=True, slots=True)
class Text:
    """What is said in a segment; `times_s` are the words' beginnings since that of the segment."""

    stream: str
    segment: int
    words: list[str]
    times_s: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Control:
    """What the character is told from now on; what is left out stays as it was."""

    stream: str
    calmness: float | None = None
    emotion: str | None = None
    intensity: float | None = None
    state: str | None = None
    gaze_deg: list[float] | None = None  # yaw and pitch; empty: look around freely


@dataclass(frozen=True, slots=True)
class Clear:
    """Interrupt: forget all audio that has not been played yet."""

    stream: str


@dataclass(frozen=True, slots=True)
class Playback:
    """How far the receiver has played a segment."""

    stream: str
    segment: int
    position_s: float


@dataclass(frozen=True, slots=True)
class Close:
    """End a character."""

    stream: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Sign of life; any other message is one too."""

    number: int = 0


@dataclass(frozen=True, slots=True)
class AskStats:
    """Ask for the counters of a character."""

    stream: str


# --- what servers send


@dataclass(frozen=True, slots=True)
class Welcome:
    """Answer to `Hello`."""

    server: str
    max_streams: int
    max_message_bytes: int
    timeout_s: float
    bones: list[str]
    blendshapes: list[str]


@dataclass(frozen=True, slots=True)
class Moved:
    """Answer to `Hello` of a server with many addresses: say hello there instead."""

    url: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The character lives."""

    stream: str


@dataclass(frozen=True, slots=True)
class Frame:
    """A pose: 55 x 4 rotations (xyzw), 3 hips position (m), 52 blendshapes; 275 float32."""

    stream: str
    index: int
    segment: int
    pts_s: float
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Block:
    """Frames of this moment, in order; the payload holds 275 float32 for each, one after another.

    All lists have an item for each frame, with the meaning that it has in `Frame`.
    """

    streams: list[str]
    indices: list[int]
    segments: list[int]
    pts_s: list[float]
    payload: bytes = b""


@dataclass(frozen=True, slots=True)
class Ended:
    """The last frame of a segment has been sent."""

    stream: str
    segment: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class Cleared:
    """Frames of this segment (or none) that are still to be shown must be thrown away."""

    stream: str
    segment: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The character is gone."""

    stream: str


@dataclass(frozen=True, slots=True)
class Pong:
    """Answer to `Ping`."""

    number: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Counters of a character since it was opened."""

    stream: str
    frames: int
    audio_s: float
    underruns: int
    late_s: float
    skipped: int


@dataclass(frozen=True, slots=True)
class Notice:
    """The server has more to do than it can and now sends this many frames a second to all."""

    fps: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message could not be obeyed; nothing else is affected."""

    code: str
    reason: str
    stream: str = ""


CLIENT_MESSAGES: dict[str, type[Any]] = {
    "hello": Hello,
    "open": Open,
    "stand": Stand,
    "audio": Audio,
    "end": End,
    "text": Text,
    "control": Control,
    "clear": Clear,
    "playback": Playback,
    "close": Close,
    "ping": Ping,
    "stats?": AskStats,
}
SERVER_MESSAGES: dict[str, type[Any]] = {
    "welcome": Welcome,
    "moved": Moved,
    "opened": Opened,
    "frame": Frame,
    "block": Block,
    "ended": Ended,
    "cleared": Cleared,
    "closed": Closed,
    "pong": Pong,
    "stats": Stats,
    "notice": Notice,
    "refusal": Refusal,
}
