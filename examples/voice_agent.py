"""A voice agent over WebSocket: its voice comes in bursts, is interrupted, and begins again.

umo serve
python examples/voice_agent.py umo_runtime/cli/demo/sample.ogg --interrupt-after 2
"""

import argparse
import asyncio
from pathlib import Path

import soundfile

from engine_bridge.async_client import AsyncClient, AsyncNpc
from engine_bridge.client_frame import ClientFrame
from engine_bridge.wire_messages import Cleared, Ended

parser = argparse.ArgumentParser(
    description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
)
parser.add_argument("speech", type=Path, help="what the agent's voice says")
parser.add_argument("--url", default="ws://127.0.0.1:7602")
parser.add_argument("--token", default="", help="the server's secret")
parser.add_argument("--interrupt-after", type=float, default=2.0, metavar="SECONDS")
arguments = parser.parse_args()
samples, rate_hz = soundfile.read(arguments.speech, dtype="float32", always_2d=True)


async def speak(agent: AsyncNpc) -> None:
    """Push half seconds at four times the pace of speech, as many voices make them."""
    for start in range(0, len(samples), rate_hz // 2):
        agent.say(samples[start : start + rate_hz // 2].mean(axis=1))
        await asyncio.sleep(0.125)
    agent.end()


async def listen(agent: AsyncNpc) -> None:
    """Count what comes, until something that was said is over."""
    frames = 0
    while not isinstance(event := await agent.receive(), Ended):
        frames += isinstance(event, ClientFrame)
        if isinstance(event, Cleared):
            print(f"segment {event.segment} was cut; {frames} frames had come")
    print(f"segment {event.segment} ended: {frames} frames, {event.duration_s:.1f} s of speech")


async def converse() -> None:
    """Speak, be interrupted, and begin again."""
    async with AsyncClient(arguments.url, token=arguments.token) as client:
        agent = await client.open("agent", rate_hz=rate_hz)
        listening = asyncio.create_task(listen(agent))
        speaking = asyncio.create_task(speak(agent))
        await asyncio.sleep(arguments.interrupt_after)
        speaking.cancel()  # the user speaks
        agent.playback(arguments.interrupt_after)  # so much has been heard
        agent.clear()
        await asyncio.gather(speak(agent), listening)


asyncio.run(converse())
