"""What an engine's process does: it calls gateways and serves the first that has work for it.

Until then it is the warm standby of them all: weights loaded, steps rehearsed, rings attached.
"""

import select
import threading
from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from actors.cluster.engine_link import EngineLink
from actors.cluster.records import decode_chunks, encode_frames
from actors.networks import SpeechNetworks
from actors.speech_service import SpeechService
from umo_runtime.clock import Clock
from umo_runtime.errors import ServiceError
from umo_runtime.types import SAMPLE_RATE_HZ, AudioChunk, MotionFrame

BEAT_S = 0.05
_CALL_S = 0.2  # between calls to a gateway that is not there
_ROOM_S = 2.0  # what a gateway may take to make room for frames


class _GatewayGoneError(Exception):
    pass


class EngineProcess:
    """An engine for one gateway.

    Args:
        networks: hold twice as many streams as the gateway has characters.
        gateways: names of those to call.
        clock: when to call again.

    Attributes:
        gateways: may be replaced while none of them has work, in any thread.
        serves: the one that is served; None while it stands by.
    """

    def __init__(self, networks: SpeechNetworks, gateways: Sequence[str], clock: Clock) -> None:
        self.gateways = gateways
        self.serves: str | None = None
        self._networks, self._clock = networks, clock
        self._links: dict[str, EngineLink] = {}
        self._seeds: dict[str, int] = {}

    def run(self, until: threading.Event) -> None:
        """Stand by, then serve until the gateway is gone, or until told to stop.

        Raises:
            Exception: whatever a stage of the graph raised, unchanged.
        """
        self._rehearse()
        try:
            self._stand_by(until)
            if self.serves is not None:
                with suppress(_GatewayGoneError):
                    self._serve(self._links[self.serves], until)
        finally:
            for link in self._links.values():
                link.close()

    def _rehearse(self) -> None:
        """Take the time of first steps before anybody waits for them."""
        with SpeechService(self._networks, lambda frames: None) as service:
            silence = np.zeros(SAMPLE_RATE_HZ // 4, np.float32)
            service.push(AudioChunk("rehearsal", 0, silence, self._clock.now_s(), is_last=True))

    def _stand_by(self, until: threading.Event) -> None:
        call_s = self._clock.now_s()
        while not until.is_set():
            if self._clock.now_s() >= call_s:
                self._call()
                call_s = self._clock.now_s() + _CALL_S
            bells = [link.audio.fileno() for link in self._links.values()]
            ringing, _, _ = select.select(bells, (), (), BEAT_S)
            for name, link in list(self._links.items()):
                link.frames.beat()
                if link.audio.fileno() in ringing:
                    self.serves = name
                    self._leave_others()
                    return
                if link.is_over:
                    self._links.pop(name).close()

    def _call(self) -> None:
        """Link the gateways that are there, and let go of those that are not wanted any more."""
        wanted = tuple(self.gateways)
        for name in set(self._links).difference(wanted):
            self._links.pop(name).close()
        for name in wanted:
            if name not in self._links:
                with suppress(OSError, ServiceError):
                    self._links[name] = EngineLink.connect(name)

    def _leave_others(self) -> None:
        for name in [name for name in self._links if name != self.serves]:
            self._links.pop(name).close()

    def _serve(self, link: EngineLink, until: threading.Event) -> None:
        def deliver(frames: list[MotionFrame]) -> None:
            for data, count in encode_frames(frames):
                link.frames.put(data, count, _ROOM_S)
            for frame in frames:
                if frame.is_last:
                    self._seeds.pop(frame.stream, None)

        with SpeechService(self._networks, deliver, self._seeds) as service:
            while not until.is_set():
                select.select((link.audio.fileno(), link.connection.fileno()), (), (), BEAT_S)
                for record in link.audio.take_all():
                    for chunk, seed in decode_chunks(record.data):
                        self._seeds[chunk.stream] = seed
                        service.push(chunk)
                service.check()
                link.frames.beat()
                if link.is_over:
                    raise _GatewayGoneError
