"""NVIDIA's stub, unmodified, against our server."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("nvidia_audio2face_3d")

import grpc
from nvidia_audio2face_3d.audio2face_pb2_grpc import A2FControllerServiceStub
from nvidia_audio2face_3d.messages_pb2 import (
    A2F3DAnimationDataStream,
    AudioWithEmotionStream,
    BlendShapeParameters,
)

from actors.serving import ServeOptions
from engine_bridge.a2f.call import Call
from engine_bridge.a2f.clip_header import BLENDSHAPE_NAMES
from engine_bridge.a2f.endpoint import A2fEndpoint
from engine_bridge.wire import frame_values
from engine_bridge.wire_messages import Audio, End, Ended, Frame, Hello, Open
from tests.actors.live_character import sine
from tests.actors.running_server import LOOPBACK, serving
from tests.actors.test_server import World
from tests.engine_bridge.a2f.requests import END, audio, clip, emotion, header
from tests.eventually import PATIENCE_S
from umo_runtime.errors import OutputError
from umo_runtime.skeleton import BONES

A2F = replace(LOOPBACK, a2f=("127.0.0.1", 0))
SPEECH = sine(1.5) + b"\x01\x02"
Requests = Iterable[AudioWithEmotionStream]


@contextlib.asynccontextmanager
async def stub(options: ServeOptions = A2F) -> AsyncIterator[A2FControllerServiceStub]:
    async with (
        asyncio.timeout(4 * PATIENCE_S),
        serving(options) as urls,
        grpc.aio.insecure_channel(urls[-1].removeprefix("grpc://")) as channel,
    ):
        yield A2FControllerServiceStub(channel)


async def answers(
    service: A2FControllerServiceStub, requests: Requests, *metadata: tuple[str, str]
) -> list[A2F3DAnimationDataStream]:
    return [answer async for answer in service.ProcessAudioStream(requests, metadata=metadata)]


async def refused(
    service: A2FControllerServiceStub, requests: Requests, *metadata: tuple[str, str]
) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await answers(service, requests, *metadata)
    return error.value.code(), error.value.details()


def check(parts: Sequence[A2F3DAnimationDataStream], samples: bytes, rate_hz: int = 16_000) -> None:
    """All that the protos promise of an answer."""
    kinds = [part.WhichOneof("stream_part") for part in parts]
    assert kinds[0] == "animation_data_stream_header"
    assert kinds[-2:] == ["event", "status"]
    assert set(kinds[1:-2]) == {"animation_data"}
    names = parts[0].animation_data_stream_header.skel_animation_header
    assert tuple(names.blend_shapes) == BLENDSHAPE_NAMES
    assert tuple(names.joints) == BONES
    sound = [part.animation_data.audio for part in parts[1:-2]]
    assert b"".join(each.audio_buffer for each in sound) == samples
    sent = np.cumsum([0] + [len(each.audio_buffer) // 2 for each in sound])[:-1]
    np.testing.assert_allclose([each.time_code for each in sound], sent / rate_hz)
    moves = [part.animation_data.skel_animation for part in parts[1:-2]]
    codes = [move.blend_shape_weights[0].time_code for move in moves if move.blend_shape_weights]
    assert 0 <= codes[0] < 1 / 30
    np.testing.assert_allclose(np.diff(codes), 1 / 30)
    duration_s = len(samples) / 2 / rate_hz
    assert codes[-1] < duration_s <= codes[-1] + 1 / 30 + 1e-9
    for move in moves:
        assert [len(each.values) for each in move.blend_shape_weights] == [52]
        assert [len(each.values) for each in move.rotations] == [55]
        assert [len(each.values) for each in move.translations] == [55]
    assert parts[-1].status.code == 0


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 44_100])
@pytest.mark.parametrize("part_bytes", [320, 32_000, 1 << 20])
def test_a_clip(rate_hz: int, part_bytes: int) -> None:
    async def test() -> None:
        async with stub() as service:
            parts = await answers(service, clip(SPEECH, part_bytes, rate_hz))
            check(parts, SPEECH, rate_hz)

    asyncio.run(test())


def test_the_shortest_clip() -> None:
    async def test() -> None:
        async with stub() as service:
            check(await answers(service, clip(b"ab")), b"ab")

    asyncio.run(test())


def test_a_client_that_writes_all_before_it_reads_and_one_that_only_closes() -> None:
    async def test() -> None:
        async with stub() as service:
            call = service.ProcessAudioStream()
            for request in list(clip(SPEECH * 20))[:-1]:
                await call.write(request)
            await call.done_writing()  # in place of end_of_audio
            check([part async for part in call], SPEECH * 20)

    asyncio.run(test())


def test_a_client_that_waits_for_the_header_and_then_speaks_live() -> None:
    async def test() -> None:
        async with stub() as service:
            call = service.ProcessAudioStream()
            await call.write(header())
            first = await call.read()
            assert first.HasField("animation_data_stream_header")
            await call.write(audio(SPEECH[:6400]))
            early = await call.read()
            assert early.HasField("animation_data")
            for start in range(6400, len(SPEECH), 6400):
                await call.write(audio(SPEECH[start : start + 6400]))
            await call.write(END)
            rest = []
            while (part := await call.read()) is not grpc.aio.EOF:
                rest.append(part)
            check([first, early, *rest], SPEECH)

    asyncio.run(test())


def test_twenty_at_once() -> None:
    async def test() -> None:
        async with stub(replace(A2F, max_streams=20)) as service:
            clips = [SPEECH[: 2 * 1600 * n] for n in range(1, 16)] + [SPEECH] * 5
            calls = [answers(service, clip(samples)) for samples in clips]
            for parts, samples in zip(await asyncio.gather(*calls), clips, strict=True):
                check(parts, samples)

    asyncio.run(test())


def test_one_too_many_is_told_so_and_a_place_is_free_as_soon_as_a_call_is_cancelled() -> None:
    async def test() -> None:
        async with stub(replace(A2F, max_streams=1)) as service:
            for _ in range(5):
                call = service.ProcessAudioStream()
                await call.write(header())
                await call.write(audio(SPEECH))
                await call.read()
                assert (await call.read()).HasField("animation_data")
                code, reason = await refused(service, clip(SPEECH))
                assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
                assert reason == "all 1 characters are taken; try later"
                call.cancel()
                while await is_full(service):
                    pass
            check(await answers(service, clip(SPEECH)), SPEECH)

    asyncio.run(test())


async def is_full(service: A2FControllerServiceStub) -> bool:
    """Whether a cancellation is still on its way."""
    try:
        await answers(service, clip(b"ab"))
    except grpc.aio.AioRpcError as error:
        return error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    return False


STEREO, FLOAT, SLOW = header(), header(), header(rate_hz=0)
STEREO.audio_stream_header.audio_header.channel_count = 2
FLOAT.audio_stream_header.audio_header.bits_per_sample = 32


@pytest.mark.parametrize(
    ("requests", "told"),
    [
        ([SLOW, audio(SPEECH), END], "samples_per_second is 0; give 8000 to 192000"),
        ([STEREO, audio(SPEECH), END], "2 channels of 16 bits; send PCM (0), 1 channel of 16 bits"),
        ([FLOAT, audio(SPEECH), END], "1 channels of 32 bits"),
        ([audio(SPEECH), END], "audio_with_emotion came; audio_stream_header is due"),
        ([header(), header(), END], "audio_stream_header came; audio is due"),
        ([header(), END], "no audio came"),
        ([header()], "no audio came"),
        ([], "no audio came"),
    ],
)
def test_wrong_input_is_an_invalid_argument(
    requests: list[AudioWithEmotionStream], told: str
) -> None:
    async def test() -> None:
        async with stub(replace(A2F, max_streams=1)) as service:
            code, reason = await refused(service, requests)
            assert code is grpc.StatusCode.INVALID_ARGUMENT
            assert told in reason
            check(await answers(service, clip(b"abcd")), b"abcd")

    asyncio.run(test())


def test_garbage_and_messages_that_are_too_long() -> None:
    async def test() -> None:
        async with serving(A2F) as urls:
            where = urls[-1].removeprefix("grpc://")
            async with grpc.aio.insecure_channel(where) as channel:
                raw = channel.stream_stream(
                    "/nvidia_ace.services.a2f_controller.v1.A2FControllerService/ProcessAudioStream"
                )
                for garbage in (b"\xff", bytes(range(256)), b""):
                    with pytest.raises(grpc.aio.AioRpcError) as error:
                        async for _ in raw([garbage]):
                            pass
                    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
                service = A2FControllerServiceStub(channel)
                code, reason = await refused(service, [header(), audio(bytes(5 << 20)), END])
                assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
                assert "larger than max" in reason
                other = channel.stream_unary(
                    "/nvidia_ace.services.a2f.v1.A2FService/PushAudioStream"
                )
                with pytest.raises(grpc.aio.AioRpcError) as error:
                    await other([b""])
                assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED

    asyncio.run(test())


def test_health() -> None:
    async def test() -> None:
        async with serving(A2F) as urls:
            where = urls[-1].removeprefix("grpc://")
            async with grpc.aio.insecure_channel(where) as channel:
                check_health = channel.unary_unary("/grpc.health.v1.Health/Check")
                assert await check_health(b"") == b"\x08\x01"

    asyncio.run(test())


def test_a_token_and_a_seed_come_as_metadata() -> None:
    async def test() -> None:
        async with stub(replace(A2F, token="secret")) as service:
            for metadata in ((), (("authorization", "Bearer guess"),)):
                code, reason = await refused(service, clip(SPEECH), *metadata)
                assert code is grpc.StatusCode.UNAUTHENTICATED
                assert reason == "the token is wrong; ask whoever runs the server for it"
            token = ("authorization", "Bearer secret")
            check(await answers(service, clip(SPEECH), token, ("umo-seed", "7")), SPEECH)
            for seed in ("", "x", "-1", "4294967296", "9" * 5000):
                code, reason = await refused(service, clip(SPEECH), token, ("umo-seed", seed))
                assert code is grpc.StatusCode.INVALID_ARGUMENT
                assert "give 0 to 4294967295" in reason

    asyncio.run(test())


def test_calls_end_with_the_server() -> None:
    said = [[header()], [header(), audio(SPEECH)]]
    ends: list[tuple[grpc.StatusCode, str]] = []
    heard = threading.Semaphore(0)
    is_done = threading.Event()

    def talk(where: str, requests: list[AudioWithEmotionStream]) -> None:
        """A client of its own; it says no more and waits."""

        def speak() -> Iterator[AudioWithEmotionStream]:
            yield from requests
            is_done.wait()

        with grpc.insecure_channel(where) as channel:
            try:
                for _ in A2FControllerServiceStub(channel).ProcessAudioStream(speak()):
                    heard.release()
            except grpc.RpcError as error:
                ends.append((error.code(), error.details()))
            is_done.set()

    async def test() -> None:
        async with serving(A2F) as urls:
            where = urls[-1].removeprefix("grpc://")
            talks = [asyncio.to_thread(talk, where, requests) for requests in said]
            clients = asyncio.gather(*talks)
            for _ in range(10):
                await asyncio.to_thread(heard.acquire)
        await clients

    asyncio.run(test())
    reason = "the server is stopping; call again later"
    assert ends == [(grpc.StatusCode.UNAVAILABLE, reason)] * 2


def test_a_client_that_neither_sends_nor_reads_is_left() -> None:
    async def test() -> None:
        gone: list[Any] = []
        endpoint = A2fEndpoint(lambda client, data: None, gone.append, idle_s=0.05)
        await endpoint.listen("127.0.0.1", 0)
        async with grpc.aio.insecure_channel(endpoint.url.removeprefix("grpc://")) as channel:
            call = A2FControllerServiceStub(channel).ProcessAudioStream()
            await call.write(header())
            assert (await call.read()).HasField("animation_data_stream_header")
            with pytest.raises(grpc.aio.AioRpcError):
                await call.read()
            assert await call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
            assert await call.details() == "nothing was sent or read for 0.05 s; call again"
        await endpoint.close()
        assert gone == ["a2f 1"]

    asyncio.run(test())


def test_audio_that_is_not_answered_is_not_heard_for_ever() -> None:
    """As of a client that does not read: its frames wait, so its audio does."""
    sent = 0

    async def speak() -> AsyncIterator[AudioWithEmotionStream]:
        nonlocal sent
        yield header()
        while True:
            yield audio(bytes(1 << 20))
            sent += 1 << 20

    async def test() -> None:
        endpoint = A2fEndpoint(lambda client, data: None, lambda client: None, idle_s=0.5)
        await endpoint.listen("127.0.0.1", 0)
        async with grpc.aio.insecure_channel(endpoint.url.removeprefix("grpc://")) as channel:
            call = A2FControllerServiceStub(channel).ProcessAudioStream(speak())
            with pytest.raises(grpc.aio.AioRpcError):
                async for part in call:
                    assert part.HasField("animation_data_stream_header")
        await endpoint.close()

    asyncio.run(test())
    assert 300 * 32_000 < sent < 600 * 32_000


def test_a_port_that_is_taken_is_one_line() -> None:
    async def test() -> None:
        async with serving(A2F) as urls:
            port = int(urls[-1].rpartition(":")[2])
            with pytest.raises(OutputError, match="choose another --a2f"):
                async with serving(replace(LOOPBACK, a2f=("127.0.0.1", port))):
                    pass

    asyncio.run(test())


# --- the same as for a client of our own, without sockets


def native(samples: bytes, seed: int) -> list[Frame]:
    """Frames of a segment, as our own client gets them."""
    world = World()
    world.say("native", Hello("native"))
    for message in (Open("npc", seed=seed), Audio("npc", 1, samples), End("npc", 1)):
        world.say("native", message)
    world.live(1.0)
    got = world.got["native"]
    end = next(index for index, message in enumerate(got) if isinstance(message, Ended))
    return [each for each in got[:end] if isinstance(each, Frame) and each.segment == 1]


def called(requests: Requests, seed: int, show: Callable[[World], None]) -> list[Any]:
    """What a call answers."""
    world, replies = World(), list[bytes | None]()
    world.say("a2f", Hello("a2f"))
    call = Call("npc", seed, lambda message: world.say("a2f", message), replies.append, lambda: 0.0)
    for request in requests:
        call.take(request.SerializeToString())
        call.feed()
    messages = Fresh(world)
    while None not in replies:
        show(world)
        for message in messages:
            call.show(message)
        call.feed()
    return [A2F3DAnimationDataStream.FromString(reply) for reply in replies if reply]


class Fresh:
    """Messages that have come since they were last looked at."""

    def __init__(self, world: World) -> None:
        self._world, self._seen = world, 0

    def __iter__(self) -> Iterator[Any]:
        messages = self._world.got["a2f"]
        while self._seen < len(messages):
            self._seen += 1
            yield messages[self._seen - 1]


def test_frames_are_those_of_our_own_client_for_the_same_audio_and_seed() -> None:
    frames = native(SPEECH, seed=5)
    parts = called(clip(SPEECH), 5, World.run)
    moves = [part.animation_data.skel_animation for part in parts[1:-2]]
    assert len(moves) == len(frames) == 46
    for frame, move in zip(frames, moves, strict=True):
        rotations, hips, faces = frame_values(frame)
        assert move.rotations[0].time_code == frame.pts_s
        turned = [(q.i, q.j, q.k, q.real) for q in move.rotations[0].values]
        np.testing.assert_array_equal(np.array(turned, np.float32), rotations)
        np.testing.assert_array_equal(np.array(move.blend_shape_weights[0].values, "f4"), faces)
        place = move.translations[0].values[0]
        np.testing.assert_array_equal(np.array((place.x, place.y, place.z), "f4"), hips)
    others = called(clip(SPEECH), 6, World.run)
    assert [part.animation_data for part in others[1:-2]] != [
        part.animation_data for part in parts[1:-2]
    ]


def test_blendshapes_are_adjusted_as_the_header_says() -> None:
    frames = native(SPEECH, seed=5)
    given = BlendShapeParameters(
        bs_weight_multipliers={"JawOpen": 2.0},
        bs_weight_offsets={"JawOpen": 0.1},
        enable_clamping_bs_weight=True,
    )
    parts = called(clip(SPEECH, parameters={"blendshape_params": given}), 5, World.run)
    for frame, part in zip(frames, parts[1:-2], strict=True):
        faces = frame_values(frame)[2].copy()
        faces[17] = 2 * faces[17] + np.float32(0.1)
        sent = part.animation_data.skel_animation.blend_shape_weights[0].values
        np.testing.assert_allclose(sent, faces.clip(0, 1), atol=1e-6)


def test_an_emotion_acts_at_most_a_quarter_of_a_second_before_its_time() -> None:
    fed: list[tuple[float, str]] = []

    def show(world: World) -> None:
        world.server.pump(world.now_s)
        fed.extend((c.start_sample / 16_000, c.controls.emotion) for c in world.waiting)
        world.run()

    samples = sine(4.0)
    cues = [emotion(1.0, joy=1.0), emotion(3.0, fear=1.0)]
    called(clip(samples, emotions=cues), 5, show)
    joyful = [start_s for start_s, mood in fed if mood == "joy"]
    neutral_again = [start_s for start_s, mood in fed if mood == "neutral" and start_s > 1]
    assert 0.75 < min(joyful) <= 1.0
    assert 2.75 < min(neutral_again) <= 3.0
