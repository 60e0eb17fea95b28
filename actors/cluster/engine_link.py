"""The link of a gateway and an engine on one machine: two rings, and a socket that hands them over.

The gateway listens on an abstract unix socket: a name without a file, gone with the process. What
follows the handing over on that socket is nothing but its end, and that is the news: whoever reads
it knows, within a moment, that the other process has died.
"""

import json
import os
import signal
import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from actors.cluster.shared_ring import SharedRing
from umo_runtime.errors import OutputError, ServiceError

_CREDENTIALS = struct.Struct("3i")  # process, user, group
_MOST_GREETING = 4096
_ANSWER_S = 0.1  # less than what makes a standby seem still
# Bytes of the rings for each character: twice what its frames in the graph take, all fed again.
_AUDIO_BYTES, _FRAME_BYTES, _LEAST_BYTES = 80_000, 40_000, 1 << 20


@dataclass(frozen=True, slots=True)
class EngineLink:
    """One end of a link.

    Attributes:
        number: of the link, among those of its gateway.
        process_id: of the other end.
        connection: readable once the other end is gone.
        audio: chunks, from the gateway.
        frames: frames, from the engine.
    """

    number: int
    process_id: int
    connection: socket.socket
    audio: SharedRing
    frames: SharedRing

    @classmethod
    def accept(cls, listener: socket.socket, number: int, max_streams: int) -> Self:
        """Link the engine that has called.

        Args:
            listener: of `listen`, readable.
            number: of the link.
            max_streams: characters that the rings must have room for.

        Raises:
            OSError: it has gone again.
            ServiceError: it is somebody else's process.
        """
        connection, _ = listener.accept()
        try:
            process_id = _own_process(connection)
            audio = SharedRing.create(max(_LEAST_BYTES, _AUDIO_BYTES * max_streams), "drop_oldest")
            frames = SharedRing.create(max(_LEAST_BYTES, _FRAME_BYTES * max_streams))
            greeting = json.dumps({"number": number}).encode()
            descriptors = [*audio.descriptors, *frames.descriptors]
            socket.send_fds(connection, [greeting], descriptors)
            connection.setblocking(False)
        except BaseException:
            connection.close()
            raise
        return cls(number, process_id, connection, audio, frames)

    @classmethod
    def connect(cls, gateway: str) -> Self:
        """Call a gateway.

        Raises:
            OSError: it is not there (any more).
            ServiceError: it is somebody else's process.
        """
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(_ANSWER_S)
            connection.connect(_address(gateway))
            process_id = _own_process(connection)
            greeting, descriptors, _, _ = socket.recv_fds(
                connection, _MOST_GREETING, 4, socket.MSG_CMSG_CLOEXEC
            )
            if len(descriptors) != 4:
                raise ConnectionResetError(f"{gateway} has ended")
            connection.setblocking(False)
        except BaseException:
            connection.close()
            raise
        return cls(
            json.loads(greeting)["number"],
            process_id,
            connection,
            SharedRing(*descriptors[:2]),
            SharedRing(*descriptors[2:]),
        )

    @property
    def is_over(self) -> bool:
        """Whether the other end is gone."""
        try:
            return not self.connection.recv(1)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def kill(self) -> None:
        """End the other process, which is ours but does not answer, even a stopped one."""
        with suppress(ProcessLookupError):
            os.kill(self.process_id, signal.SIGKILL)

    def close(self) -> None:
        """Let go; the other end will know."""
        self.connection.close()
        self.audio.close()
        self.frames.close()


def listen(gateway: str) -> socket.socket:
    """Wait for engines under a name.

    Raises:
        OutputError: the name is taken, or the system has no such sockets.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(_address(gateway))
        listener.listen()
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise OutputError(
            f"cannot wait for engines as {gateway!r} ({error.strerror}); end the other shard"
        ) from error
    return listener


def _address(gateway: str) -> bytes:
    return b"\0umo/" + gateway.encode()


def _own_process(connection: socket.socket) -> int:
    """The process at the other end, which must be of this user: any user can take a name."""
    told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    process_id, user, _ = _CREDENTIALS.unpack(told)
    if user != os.getuid():
        raise ServiceError("user", f"process {process_id} is of user {user}; run all as one user")
    return int(process_id)
