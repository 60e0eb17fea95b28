"""Does `umo serve` live through anything? Hostile messages on both endpoints, beside a good client.

    python -m benchmarks.fuzz_server

Starts a server of its own on this machine, lets one client stream speech at real pace, has others
send hostile messages as fast as the server takes them, and writes `benchmarks/results/fuzz.json`:
what was sent and refused, the server's memory, and the frames of the good client before, during
and after it.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import soundfile
import zmq
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

import umo_runtime.cli
from benchmarks.hostile_messages import hostile_message
from benchmarks.machine import save
from engine_bridge.wire import decode, encode
from engine_bridge.wire_messages import (
    SERVER_MESSAGES,
    AskStats,
    Audio,
    End,
    Ended,
    Frame,
    Hello,
    Notice,
    Open,
    Ping,
    Pong,
    Refusal,
    Stats,
)

STREAMS = 16
CLIENTS = 4  # at a time on WebSocket; one on ZeroMQ, which is as fast
LIFE = 2000  # messages of one client, then another comes
LAST = 4_000_000_000  # number of the ping that ends it
CHUNK_S = 0.02
AROUND_S = 10.0  # of peace before and after
FORGET_S = 18.0  # until silent clients are forgotten
_START = "import sys; from umo_runtime.cli.main import main; sys.exit(main())"
_DEMO = Path(umo_runtime.cli.__file__).parent / "demo" / "sample.ogg"


# --- the server


@contextmanager
def umo_serve(complaints: Any) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A server process and its URLs."""
    options = ("--port", "0", "--websocket-port", "0", "--streams", str(STREAMS))
    command = (sys.executable, "-c", _START, "serve", *options)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().split()[2:]
        finally:
            process.kill()


def resident_mb(process: subprocess.Popen[str]) -> dict[str, float]:
    """Memory of a process now and at most so far."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    sizes = dict(line.split(":", 1) for line in lines)
    return {
        "now": int(sizes["VmRSS"].split()[0]) * 1024 / 1e6,
        "peak": int(sizes["VmHWM"].split()[0]) * 1024 / 1e6,
    }


# --- hostile clients


class Tally:
    """What hostile clients of one endpoint sent and heard."""

    def __init__(self) -> None:
        self.sent = self.sent_bytes = self.clients = 0
        self.answers: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()

    def hear(self, data: bytes) -> Any:
        """Note an answer; whatever a server sends must be a message of the protocol."""
        message = decode(data, SERVER_MESSAGES)
        self.answers[type(message).__name__] += 1
        if isinstance(message, Refusal):
            self.refusals[message.code] += 1
        return message

    def messages(self, random: Random, count: int) -> Iterator[bytes]:
        """What one client says, and an honest question to end with."""
        self.clients += 1
        yield encode(Hello("hostile"))
        for _ in range(count):
            data = hostile_message(random)
            yield data
            self.sent += 1
            self.sent_bytes += len(data)
        yield encode(Hello("hostile"))
        yield encode(Ping(LAST))

    def report(self) -> dict[str, Any]:
        """The same for JSON."""
        return {
            "messages": self.sent,
            "megabytes": round(self.sent_bytes / 1e6, 1),
            "clients": self.clients,
            "answers": dict(self.answers.most_common()),
            "refusals": dict(self.refusals.most_common()),
        }


def attack_zeromq(url: str, seed: int, count: int, results: Any) -> None:
    """Let clients come one after another; every second one never reads until its end."""
    tally, random = Tally(), Random(seed)
    with zmq.Context() as context:
        for number in range(count // LIFE):
            with context.socket(zmq.DEALER) as dealer:
                dealer.linger, dealer.rcvhwm = 0, 0
                dealer.connect(url)
                for data in tally.messages(random, LIFE):
                    dealer.send(data)
                    while number % 2 and dealer.poll(0):
                        tally.hear(dealer.recv())
                _await_last(dealer, tally)
    results.put(("zeromq", tally.report()))


def _await_last(dealer: Any, tally: Tally) -> None:
    """Read up to the answer to the last question, which is dropped where too much waits."""
    while dealer.poll(2000):
        if tally.hear(dealer.recv()) == Pong(LAST):
            return


# What sending raises once the server has ended the connection; the second is a slip of websockets.
_CLOSED = (ConnectionClosed, AttributeError)


def attack_websocket(url: str, seed: int, count: int, results: Any) -> None:
    """Let clients come, a few at a time; some connections end in the middle."""
    tally = Tally()

    async def one_after_another(random: Random) -> None:
        for _ in range(count // LIFE // CLIENTS):
            async with connect(url, compression=None, close_timeout=1) as client:
                reader = asyncio.create_task(_read(client, tally))
                with contextlib.suppress(*_CLOSED):
                    for data in tally.messages(random, LIFE):
                        await client.send(data)
                with contextlib.suppress(TimeoutError, *_CLOSED):
                    await asyncio.wait_for(reader, 5)
                if random.random() < 0.5 and client.state is State.OPEN:
                    client.transport.abort()

    async def all_together() -> None:
        await asyncio.gather(*(one_after_another(Random(seed + n)) for n in range(CLIENTS)))

    asyncio.run(all_together())
    results.put(("websocket", tally.report()))


async def _read(client: ClientConnection, tally: Tally) -> None:
    while tally.hear(bytes(await client.recv(decode=False))) != Pong(LAST):
        pass


# --- the good client


class GoodClient:
    """Speaks at real pace, in segments, and notes when frames come."""

    def __init__(self, url: str, context: Any) -> None:
        samples, rate_hz = soundfile.read(_DEMO, dtype="int16", always_2d=True)
        self._sound = np.ascontiguousarray(samples[:, 0], "<i2")
        self._chunk = round(CHUNK_S * rate_hz)
        self._segment, self._place = 1, 0
        self._dealer = context.socket(zmq.DEALER)
        self._dealer.linger, self._dealer.rcvhwm = 0, 0
        self._dealer.connect(url)
        self._send(Hello("good"), Open("npc", rate_hz))
        self._next_index = self._frames = 0
        self._next_s = time.monotonic()

    def stream(self, until: Any) -> dict[str, Any]:
        """Stream until told, and tell what came."""
        came_s, counts = [time.monotonic()], Counter[str]()
        while not until():
            self._speak()
            if not self._dealer.poll(max(0.0, 1000 * (self._next_s - time.monotonic()))):
                continue
            message = self._receive()
            counts[type(message).__name__] += 1
            if isinstance(message, Frame):
                came_s.append(time.monotonic())
        gaps_ms = 1000 * np.diff(came_s)
        return {
            "seconds": round(time.monotonic() - came_s[0], 1),
            "frames": counts[Frame.__name__],
            "segments_ended": counts[Ended.__name__],
            "notices": counts[Notice.__name__],
            "refusals": counts[Refusal.__name__],
            "gap_ms": {
                **{f"p{q}": round(float(np.percentile(gaps_ms, q)), 1) for q in (50, 95, 99)},
                "max": round(float(gaps_ms.max()), 1),
            },
        }

    def sums(self) -> dict[str, int]:
        """All that came, was left out by the server under overload, or was lost."""
        self._send(AskStats("npc"))
        while self._dealer.poll(5000):
            message = self._receive()
            if isinstance(message, Stats):
                return {
                    "frames": self._frames,
                    "frames_skipped_under_overload": message.skipped,
                    "frames_lost": self._next_index - self._frames - message.skipped,
                    "underruns": message.underruns,
                }
        raise TimeoutError("the server does not answer")

    def _receive(self) -> Any:
        message = decode(self._dealer.recv(), SERVER_MESSAGES)
        if isinstance(message, Frame):
            self._frames, self._next_index = self._frames + 1, message.index + 1
        return message

    def close(self) -> None:
        """Let go of the connection."""
        self._dealer.close()

    def _speak(self) -> None:
        while time.monotonic() >= self._next_s:
            self._next_s += CHUNK_S
            piece = self._sound[self._place : self._place + self._chunk]
            self._place += self._chunk
            self._send(Audio("npc", self._segment, piece.tobytes()))
            if self._place >= len(self._sound):
                self._send(End("npc", self._segment))
                self._segment, self._place = self._segment + 1, 0

    def _send(self, *messages: Any) -> None:
        for message in messages:
            self._dealer.send(encode(message))


def _after(seconds: float) -> Any:
    end_s = time.monotonic() + seconds
    return lambda: time.monotonic() >= end_s


def fuzz(count: int, seed: int) -> dict[str, Any]:
    """Send so many messages to each endpoint; returns what happened."""
    spawn = multiprocessing.get_context("spawn")
    results: Any = spawn.Queue()
    with (
        tempfile.TemporaryFile("w+") as complaints,
        umo_serve(complaints) as (process, urls),
        zmq.Context() as context,
    ):
        good = GoodClient(urls[0], context)
        before = good.stream(_after(AROUND_S))
        resident = {"before": resident_mb(process)["now"]}
        started_s = time.monotonic()
        attackers = [
            spawn.Process(target=attack, args=(url, seed, count, results))
            for attack, url in zip((attack_zeromq, attack_websocket), urls, strict=True)
        ]
        for attacker in attackers:
            attacker.start()
        during = good.stream(lambda: not any(attacker.is_alive() for attacker in attackers))
        seconds = time.monotonic() - started_s
        good.stream(_after(FORGET_S))
        resident["after"] = resident_mb(process)["now"]
        resident["peak"] = resident_mb(process)["peak"]
        after = good.stream(_after(AROUND_S))
        sums = good.sums()
        is_alive = process.poll() is None
        good.close()
        process.terminate()
        exit_code = process.wait(10)
        complaints.seek(0)
        said = complaints.read().splitlines()
    endpoints = dict(results.get(timeout=5) for _ in attackers)
    return {
        "seed": seed,
        "messages": sum(endpoint["messages"] for endpoint in endpoints.values()),
        "seconds": round(seconds, 1),
        "endpoints": endpoints,
        "server": {
            "is_alive": is_alive,
            "exit_code": exit_code,
            "complaints": said[-20:],
            "resident_mb": {name: round(size, 1) for name, size in resident.items()},
        },
        "good_client": {
            "before": before,
            "during": during,
            "after": after,
            "altogether": sums,
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=120_000, help="to each endpoint")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    save("fuzz", fuzz(arguments.messages, arguments.seed))


if __name__ == "__main__":
    main()
