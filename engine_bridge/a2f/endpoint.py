"""Clients of Audio2Face-3D, over gRPC: to the server each call is a client with one character."""

import asyncio
import itertools
import re
import time
from collections.abc import AsyncIterator, Callable, Hashable
from functools import partial
from typing import Any

import grpc
from nvidia_audio2face_3d.audio2face_pb2 import DESCRIPTOR

from engine_bridge.a2f.call import Call
from engine_bridge.endpoint import BUSY_S, PAUSE_S, Leave, Receive
from engine_bridge.wire import decode, encode
from engine_bridge.wire_messages import SERVER_MESSAGES, Hello, Ping
from umo_runtime.errors import CodedError, OutputError, ServiceError

_IDLE_S = 60.0  # after which a call is ended whose client neither sends nor reads
_PING_S = 5.0
_STOP_S = 1.0
_HEAR_OUT_S = 0.5  # before an error: grpc.aio's clients lose its reason while they still write
_MAX_REQUEST_BYTES = 4 << 20  # ten seconds, Audio2Face-3D's own limit, at any rate
_MOST_CALLS = 4096
_MOST_ANSWERS = 64  # that wait for a client to read them
_HEALTHY = b"\x08\x01"  # HealthCheckResponse of grpc.health.v1: SERVING
_CODES = {
    "token": grpc.StatusCode.UNAUTHENTICATED,
    "full": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "busy": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "stopped": grpc.StatusCode.UNAVAILABLE,
}
_OPTIONS = (
    ("grpc.so_reuseport", 0),  # else two servers share a port and nobody is told
    ("grpc.max_receive_message_length", _MAX_REQUEST_BYTES),
)
_Answers = asyncio.Queue[bytes | Exception | None]  # what goes out; None after the last


class A2fEndpoint:
    """A gRPC server; open it with `listen`.

    Metadata of a call: `authorization: Bearer TOKEN`, as NVIDIA's cloud has it, where the server
    has a token; `umo-seed`, a number: same seed, same motion.

    Args:
        receive: gets every message, as bytes of the native protocol.
        leave: told of every call that is over.
        epoch_s: Unix time.
        idle_s: after which a call is ended whose client neither sends nor reads.

    Attributes:
        url: where clients find it.
    """

    def __init__(
        self,
        receive: Receive,
        leave: Leave,
        epoch_s: Callable[[], float] = time.time,
        idle_s: float = _IDLE_S,
    ) -> None:
        self._receive, self._leave, self._epoch_s = receive, leave, epoch_s
        self._idle_s = idle_s
        self._numbers = itertools.count(1)
        self._calls: dict[Hashable, tuple[Call, _Answers]] = {}
        self._pause_at_s = 0.0
        self.url = ""

    async def listen(self, host: str, port: int) -> None:
        """Begin.

        Args:
            host: numeric address to listen at, version 6 [in brackets].
            port: to listen at; 0 takes a free one.

        Raises:
            OutputError: the address cannot be had.
        """
        service = DESCRIPTOR.services_by_name["A2FControllerService"].full_name
        self._server = grpc.aio.server(options=_OPTIONS, maximum_concurrent_rpcs=_MOST_CALLS)
        process = grpc.stream_stream_rpc_method_handler(self._process)
        health = grpc.unary_unary_rpc_method_handler(_check_health)
        self._server.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler(service, {"ProcessAudioStream": process}),
                grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": health}),
            )
        )
        try:
            bound = self._server.add_insecure_port(f"{host}:{port}")
        except RuntimeError as error:
            await self._server.stop(None)
            raise OutputError(f"cannot listen at {host}:{port}; choose another --a2f") from error
        await self._server.start()
        self._pinging = asyncio.create_task(self._ping())
        self.url = f"grpc://{host}:{bound}"

    def send(self, client: Hashable, data: bytes) -> None:
        """Send to a call; its client gets what is of its protocol."""
        if client in self._calls:
            call, answers = self._calls[client]
            try:
                call.show(decode(data, SERVER_MESSAGES))
            except CodedError as error:
                answers.put_nowait(error)  # ends it

    async def close(self) -> None:
        """End all calls and let go of the port."""
        for _, answers in self._calls.values():
            answers.put_nowait(ServiceError("stopped", "the server is stopping; call again later"))
        if self.url:
            self._pinging.cancel()
            await asyncio.gather(self._pinging, return_exceptions=True)
            await self._server.stop(_STOP_S)

    async def _process(self, requests: AsyncIterator[bytes], context: Any) -> None:
        """One call."""
        try:
            async with asyncio.timeout(self._idle_s) as idle:
                await self._animate(requests, context, idle)
        except CodedError as error:
            code = _CODES.get(error.code, grpc.StatusCode.INVALID_ARGUMENT)
            await context.abort(code, str(error))
        except TimeoutError:
            reason = f"nothing was sent or read for {self._idle_s:g} s; call again"
            await context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, reason)

    async def _animate(
        self, requests: AsyncIterator[bytes], context: Any, idle: asyncio.Timeout
    ) -> None:
        name = f"a2f {next(self._numbers)}"
        reader = asyncio.create_task(self._read(name, requests, idle))
        try:
            await self._write(name, context, idle)
        except CodedError:
            await asyncio.wait((reader,), timeout=_HEAR_OUT_S)
            raise
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _write(self, name: str, context: Any, idle: asyncio.Timeout) -> None:
        """Answer until all is said."""
        metadata = dict(context.invocation_metadata())
        answers = _Answers()

        def send(message: Any) -> None:
            self._receive(name, encode(message))

        call = Call(name, _seed(metadata), send, answers.put_nowait, self._epoch_s)
        self._calls[name] = call, answers
        try:
            send(Hello("a2f", metadata.get("authorization", "").removeprefix("Bearer ")))
            while (answer := await answers.get()) is not None:
                if isinstance(answer, Exception):
                    raise answer
                await context.write(answer)
                self._moved(idle)
                self._go_on(name)
        finally:
            del self._calls[name]
            self._leave(name)

    async def _read(self, name: str, requests: AsyncIterator[bytes], idle: asyncio.Timeout) -> None:
        loop = asyncio.get_running_loop()
        async for request in requests:
            self._moved(idle)
            self._go_on(name, partial(Call.take, request=request))
            while loop.time() >= self._pause_at_s or self._is_full(name):
                await asyncio.sleep(PAUSE_S)
                self._pause_at_s = loop.time() + BUSY_S
        self._go_on(name, Call.complete)

    def _go_on(self, name: str, act: Callable[[Call], None] | None = None) -> None:
        """Feed a call that is not over, perhaps after something else; what fails ends it."""
        if name in self._calls:
            call, answers = self._calls[name]
            try:
                if act is not None:
                    act(call)
                if answers.qsize() < _MOST_ANSWERS:  # else the client is slower to read
                    call.feed()
            except Exception as error:
                answers.put_nowait(error)

    def _is_full(self, name: str) -> bool:
        return name in self._calls and self._calls[name][0].is_full

    def _moved(self, idle: asyncio.Timeout) -> None:
        idle.reschedule(asyncio.get_running_loop().time() + self._idle_s)

    async def _ping(self) -> None:
        """Give the server signs of life, also of calls that only listen."""
        sign = encode(Ping())
        while True:
            await asyncio.sleep(_PING_S)
            for name in tuple(self._calls):
                self._receive(name, sign)


async def _check_health(request: bytes, context: Any) -> bytes:
    """Whoever can ask is told that all is well."""
    return _HEALTHY


def _seed(metadata: dict[str, Any]) -> int | None:
    """The seed that a client asks for.

    Raises:
        ServiceError: it is none.
    """
    text = metadata.get("umo-seed")
    if text is None:
        return None
    if not (re.fullmatch(r"\d{1,10}", text, re.ASCII) and int(text) < 2**32):
        raise ServiceError("value", f"umo-seed is {text[:40]!r}; give 0 to {2**32 - 1}")
    return int(text)
