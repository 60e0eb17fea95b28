"""What clients may ask and what they get: the native protocol without its sockets.

One thread calls everything here. Whatever a client sends, the answer is a message to that client;
nothing that it sends reaches another client's characters.
"""

import hmac
from collections.abc import Callable, Hashable, Iterable, MutableMapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from actors.metrics import Metrics
from actors.overload import Overload
from actors.session import Encode, Session
from actors.stream_outputs import StreamOutputs
from engine_bridge.outbox import Outbox
from engine_bridge.wire import MAX_MESSAGE_BYTES, decode, encode
from engine_bridge.wire_messages import (
    CLIENT_MESSAGES,
    AskStats,
    Audio,
    Clear,
    Close,
    Closed,
    Control,
    End,
    Frame,
    Hello,
    Notice,
    Open,
    Opened,
    Ping,
    Playback,
    Pong,
    Refusal,
    Stand,
    Text,
    Welcome,
)
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.errors import CodedError, ServiceError, UmoError
from umo_runtime.skeleton import BONES
from umo_runtime.types import FRAMES_PER_KEYFRAME, AudioChunk, MotionFrame

TIMEOUT_S = 15.0
# A batch of many rows costs little more than one of few, so characters wait for one another: the
# longer, the more there are.
_PATIENCE_PER_STREAM_S, _MOST_PATIENCE_S = 0.0006, 0.025
_MOST_REASON = 200  # characters of a refusal, which may quote what came
Send = Callable[[Hashable, bytes], None]
Feed = Callable[[AudioChunk], None]


@dataclass(slots=True)
class _Client:
    """A client that has said hello."""

    heard_s: float
    outbox: Outbox
    sessions: dict[str, Session] = field(default_factory=dict)
    num_in_graph: int = 0


class Server:
    """Clients and their characters.

    Args:
        name: of the server, for `welcome`.
        max_streams: characters of all clients together.
        token: what a client must know; empty: nothing.
        encode_word: text tokens of a word.
        send: sends bytes to a client; never blocks, never raises.
        feed: gives audio to the graph.
        seeds: where the graph reads the seed of a stream when it begins.
        metrics: to tell what happens.
        outputs: where some streams are shown beside their clients.
    """

    def __init__(
        self,
        name: str,
        max_streams: int,
        token: str,
        encode_word: Encode,
        send: Send,
        feed: Feed,
        seeds: MutableMapping[str, int],
        metrics: Metrics,
        outputs: StreamOutputs | None = None,
    ) -> None:
        self._name, self._max_streams, self._token = name, max_streams, token
        self._encode_word, self._send_bytes, self._feed = encode_word, send, feed
        self._seeds, self._metrics, self._outputs = seeds, metrics, outputs
        self._clients: dict[Hashable, _Client] = {}
        self._owners: dict[str, tuple[Hashable, Session]] = {}  # by name of the graph's stream
        self._in_graph: dict[str, _Client] = {}  # streams that have begun and are not over yet
        self._waiting: dict[str, Session] = {}  # to be advanced, by their streams in the graph
        self._overload = Overload()
        self._opened = 0
        self._resumed_s = float("-inf")

    @property
    def num_streams(self) -> int:
        """Characters that live."""
        return len(self._owners)

    @property
    def is_owed(self) -> bool:
        """Whether any character waits for a frame that the graph could have made."""
        return any(session.owed > 0 for _, session in self._owners.values())

    @property
    def patience_s(self) -> float:
        """How long what was received may wait for more before `pump`."""
        return min(_MOST_PATIENCE_S, _PATIENCE_PER_STREAM_S * (self.num_streams - 1))

    def pump(self, now_s: float) -> None:
        """Feed the graph with what has come for any character; to be called after all else."""
        waiting, self._waiting = self._waiting, {}
        for name, session in waiting.items():
            if name in self._owners and self._enter_graph(name):
                for chunk in session.advance(now_s):
                    self._feed(chunk)

    def receive(self, client: Hashable, data: bytes, now_s: float) -> None:
        """Obey or refuse one message of a client."""
        stream = ""
        try:
            message = decode(data, CLIENT_MESSAGES)
            stream = getattr(message, "stream", "")
            self._obey(client, message, now_s)
        except UmoError as error:
            code = error.code if isinstance(error, CodedError) else "value"
            self._metrics.refusals.labels(code).inc()
            self._send(client, Refusal(code, str(error)[:_MOST_REASON], stream))

    def tick(self, now_s: float) -> None:
        """Let characters live on and forget silent clients; to be called 30 times a second."""
        for key in [k for k, c in self._clients.items() if now_s - c.heard_s > TIMEOUT_S]:
            self.forget(key, now_s)
        self._waiting = {name: session for name, (_, session) in self._owners.items()}
        for client, session in self._owners.values():
            self._deliver(client, session, now_s)
        self._flush()
        if self._overload.look(now_s):
            for client in self._clients:
                self._send(client, Notice(self._overload.fps))
        self._metrics.characters.set(self.num_streams)
        self._metrics.clients.set(len(self._clients))
        self._metrics.sent_fps.set(self._overload.fps)

    def show(self, frames: Iterable[MotionFrame], now_s: float) -> None:
        """Send frames of the graph to those that they belong to."""
        for frame in frames:
            owner = self._owners.get(frame.stream)
            if owner is None:  # of a stream that was cut
                if frame.is_last:
                    self._leave_graph(frame.stream)
                continue
            client, session = owner
            # Frames that are made ahead of their time, or again, may take long without being late.
            if frame.captured_s >= self._resumed_s and not session.is_ahead(now_s):
                self._overload.note(now_s - frame.captured_s)
            self._metrics.frame_age_s.observe(now_s - frame.captured_s)
            session.show(frame, now_s)
            self._deliver(client, session, now_s)
            if session.has_more:
                self._waiting[frame.stream] = session
        self._flush()

    def resume(self, now_s: float) -> int:
        """Go on with a graph that knows nothing: the one before it has failed.

        Returns:
            How many chunks were fed again.
        """
        self._resumed_s = now_s
        self._in_graph.clear()
        for client in self._clients.values():
            client.num_in_graph = 0
        owners, self._owners = self._owners, {}
        self._seeds.clear()
        fed = 0
        for key, session in owners.values():
            chunks = session.resume()
            self._own(key, session)
            if chunks:
                self._enter_graph(session.graph_stream)
            for chunk in chunks:
                self._feed(chunk)
            fed += len(chunks)
        self._waiting = {name: session for name, (_, session) in self._owners.items()}
        return fed

    def forget(self, client: Hashable, now_s: float) -> None:
        """End a client and all its characters."""
        gone = self._clients.pop(client, None)
        for stream, session in gone.sessions.items() if gone else ():
            self._end(client, stream, session, now_s)

    def _obey(self, key: Hashable, message: Any, now_s: float) -> None:
        if isinstance(message, Hello):
            self._welcome(key, message, now_s)
            return
        client = self._clients.get(key)
        if client is None:
            raise ServiceError("hello", "no hello came first; say hello")
        client.heard_s = now_s
        if isinstance(message, Ping):
            self._send(key, Pong(message.number))
        elif isinstance(message, Open):
            self._open(key, client, message, now_s)
        else:
            self._direct(key, client, message, now_s)

    def _welcome(self, key: Hashable, hello: Hello, now_s: float) -> None:
        if not hmac.compare_digest(hello.token.encode(), self._token.encode()):
            raise ServiceError("token", "the token is wrong; ask whoever runs the server for it")
        outbox = Outbox(partial(self._send_bytes, key))
        client = self._clients.setdefault(key, _Client(now_s, outbox))
        client.heard_s, client.outbox.in_blocks = now_s, bool(hello.blocks)
        welcome = Welcome(
            self._name,
            self._max_streams,
            MAX_MESSAGE_BYTES,
            TIMEOUT_S,
            list(BONES),
            list(BLENDSHAPES),
        )
        self._send(key, welcome)

    def _open(self, key: Hashable, client: _Client, message: Open, now_s: float) -> None:
        if message.stream in client.sessions:
            raise ServiceError("exists", f"stream {message.stream!r} is open; close it first")
        if self.num_streams >= self._max_streams:
            raise ServiceError("full", f"all {self._max_streams} characters are taken; try later")
        # Of characters that are opened together half draw keyframes while the others wait: in one
        # batch they would hold up everybody's frames, in four there is less to save.
        turn = self._opened % 2 * FRAMES_PER_KEYFRAME // 2
        self._opened += 1
        name = f"{self._opened}/{message.stream}"
        if self._outputs is not None and self._outputs.begin(key, message.stream):
            message = replace(message, paced=True)
        session = Session(message, name, self._encode_word, now_s, turn)
        client.sessions[message.stream] = session
        self._own(key, session)
        self._send(key, Opened(message.stream))
        self._waiting[session.graph_stream] = session

    def _direct(self, key: Hashable, client: _Client, message: Any, now_s: float) -> None:
        """Everything that is about a character."""
        session = client.sessions.get(message.stream)
        if session is None:
            raise ServiceError("stream", f"stream {message.stream!r} is not open; open it first")
        match message:
            case Audio(_, number, payload):
                session.audio(number, payload)
            case End(_, number):
                session.end(number)
            case Text():
                session.text(message)
            case Control():
                session.control(message)
            case Playback(_, number, position_s):
                session.playback(number, position_s, now_s)
            case AskStats():
                self._send(key, session.stats())
            case Clear():
                self._clear(key, session, now_s)
            case Stand():
                self._stand(key, session, message, now_s)
            case Close():
                del client.sessions[message.stream]
                self._end(key, message.stream, session, now_s)
                self._send(key, Closed(message.stream))
                return
        self._waiting[session.graph_stream] = session

    def _clear(self, key: Hashable, session: Session, now_s: float) -> None:
        before = session.graph_stream
        cleared, ending = session.clear(now_s)
        self._disown(before, ending)
        self._own(key, session)
        self._send(key, cleared)

    def _stand(self, key: Hashable, session: Session, told: Stand, now_s: float) -> None:
        before = session.graph_stream
        ending = session.stand(told, now_s)
        self._disown(before, ending)
        self._own(key, session)

    def _end(self, key: Hashable, stream: str, session: Session, now_s: float) -> None:
        if self._outputs is not None:
            self._outputs.end(key, stream)
        self._disown(session.graph_stream, session.close(now_s))

    def _own(self, key: Hashable, session: Session) -> None:
        """Take frames of the session's stream in the graph for this client."""
        self._owners[session.graph_stream] = key, session
        self._seeds[session.graph_stream] = session.seed

    def _disown(self, graph_stream: str, ending: AudioChunk | None) -> None:
        """End a stream in the graph, which takes a moment if it has begun."""
        del self._owners[graph_stream], self._seeds[graph_stream]
        if ending is not None:
            self._feed(ending)
        else:
            self._leave_graph(graph_stream)

    def _enter_graph(self, graph_stream: str) -> bool:
        """Take a place in the graph for a stream that has none; whether it has one now.

        There are two for every character, because a stream that was cut takes a moment to end. A
        client that cuts its streams faster than they end waits with its own; others do not.
        """
        if graph_stream in self._in_graph:
            return True
        client = self._clients[self._owners[graph_stream][0]]
        is_full = len(self._in_graph) >= 2 * self._max_streams
        if is_full or client.num_in_graph >= 2 * len(client.sessions):
            return False
        self._in_graph[graph_stream] = client
        client.num_in_graph += 1
        return True

    def _leave_graph(self, graph_stream: str) -> None:
        client = self._in_graph.pop(graph_stream, None)
        if client is not None:
            client.num_in_graph -= 1

    def _deliver(self, client: Hashable, session: Session, now_s: float) -> None:
        every = 1 if session.is_ahead(now_s) else self._overload.every
        for message in session.send(now_s, every):
            self._send(client, message)
            if isinstance(message, Frame):
                self._metrics.frames.inc()
                if self._outputs is not None:
                    self._outputs.show(client, message)

    def _send(self, key: Hashable, message: Any) -> None:
        client = self._clients.get(key)
        if client is None:
            self._send_bytes(key, encode(message))
        else:
            client.outbox.post(message)

    def _flush(self) -> None:
        for client in self._clients.values():
            client.outbox.flush()
