import asyncio
from collections.abc import Hashable

import zmq

from engine_bridge.wire import MAX_MESSAGE_BYTES
from engine_bridge.zmq_endpoint import ZmqEndpoint
from tests.eventually import eventually


def test_one_that_does_not_read_loses_messages_and_blocks_nobody() -> None:
    async def test() -> None:
        heard: list[Hashable] = []
        endpoint = ZmqEndpoint("127.0.0.1", 0, lambda client, data: heard.append(client))
        with zmq.Context() as context, context.socket(zmq.DEALER) as lazy:
            lazy.linger, lazy.rcvhwm = 0, 1
            lazy.connect(endpoint.url)
            lazy.send(b"here")
            await eventually(lambda: heard)
            for number in range(20_000):  # 80 MB
                endpoint.send(heard[0], number.to_bytes(4, "little") * 1000)
            endpoint.send(b"nobody", b"lost")
            numbers = []
            while lazy.poll(200):
                numbers.append(int.from_bytes(lazy.recv()[:4], "little"))
        await endpoint.close()
        assert 1000 < len(numbers) < 12_000
        assert numbers == sorted(numbers)

    asyncio.run(test())


def test_a_client_that_sends_more_than_is_read_must_wait() -> None:
    async def test() -> None:
        endpoint = ZmqEndpoint("127.0.0.1", 0, lambda client, data: None)
        with zmq.Context() as context, context.socket(zmq.DEALER) as flood:
            flood.linger, flood.sndhwm, flood.sndtimeo = 0, 1, 300
            flood.connect(endpoint.url)
            sent = 0
            try:
                while sent < 400:
                    flood.send(bytes(MAX_MESSAGE_BYTES))  # the loop does not run meanwhile
                    sent += 1
            except zmq.Again:
                pass
        await endpoint.close()
        assert sent < 200

    asyncio.run(test())


def test_a_flood_leaves_turns_to_others_and_all_of_it_arrives() -> None:
    count = 5000

    async def test() -> None:
        loop = asyncio.get_running_loop()
        heard: list[bytes] = []

        def receive(_: Hashable, data: bytes) -> None:
            until_s = loop.time() + 50e-6  # what a message takes
            while loop.time() < until_s:
                pass
            heard.append(data)

        endpoint = ZmqEndpoint("127.0.0.1", 0, receive)
        with zmq.Context() as context, context.socket(zmq.DEALER) as flood:
            flood.linger, flood.sndhwm = 0, 0
            flood.connect(endpoint.url)
            for number in range(count):
                flood.send(b"%d" % number)
            turns_s = [loop.time()]
            while len(heard) < count and len(turns_s) < 20_000:
                await asyncio.sleep(0.001)
                turns_s.append(loop.time())
        await endpoint.close()
        assert heard == [b"%d" % number for number in range(count)]
        assert len(turns_s) > 100  # 5 ms each at the most, where nobody else needs the machine

    asyncio.run(test())
