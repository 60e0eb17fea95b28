import logging
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from actors.microphone import MicrophoneSource
from actors.monitor import MonitorRequest
from tests.actors.fake_audio import LOUDSPEAKER, MICROPHONE, FakeHost
from tests.actors.test_audio_capture import JumpingClock
from umo_runtime.audio.conditioning import VoiceConditioner
from umo_runtime.controls import Controls
from umo_runtime.errors import AudioError
from umo_runtime.types import AudioChunk

VOICE = np.full(480, 0.25, np.float32)  # 10 ms


class Scene:
    """A microphone, somebody who speaks into it for as long as it listens, and the chunks."""

    def __init__(self, **options: object) -> None:
        self.host, self.clock = FakeHost(), JumpingClock(50.0)
        self.source = MicrophoneSource(
            self.host,
            MICROPHONE,
            self.clock,
            VoiceConditioner(),
            **options,  # type: ignore[arg-type]
        )
        self.chunks: list[AudioChunk] = []

    def run(self) -> Iterator[AudioChunk]:
        """Give one chunk after the other; between them time goes on by 40 ms of speech."""
        chunks = iter(self.source)
        self.speak_when_open()
        for chunk in chunks:
            self.chunks.append(chunk)
            if self.source.is_connected:  # who opens it anew reads one block and may take long
                self.speak()
            yield chunk

    def speak_when_open(self) -> None:
        open_input = self.host.open_input

        def opened(*arguments: object) -> object:
            stream = open_input(*arguments)  # type: ignore[arg-type]
            self.speak()
            return stream

        self.host.open_input = opened  # type: ignore[assignment, method-assign]

    def speak(self) -> None:
        for _ in range(4):
            if self.host.recording[-1].is_active:
                self.clock.advance(0.01)
                self.host.speak(VOICE)


def take(chunks: Iterator[AudioChunk], count: int) -> list[AudioChunk]:
    return [next(chunks) for _ in range(count)]


def test_chunks_follow_one_another_with_the_microphones_time() -> None:
    scene = Scene(controls=Controls(emotion="joy"), stream="b")
    running = scene.run()
    chunks = take(running, 20)
    assert scene.source.is_connected
    assert [chunk.start_sample for chunk in chunks[1:]] == [
        chunk.start_sample + len(chunk.samples) for chunk in chunks[:-1]
    ]
    assert {(chunk.stream, chunk.controls.emotion) for chunk in chunks} == {("b", "joy")}
    assert np.allclose(np.concatenate([chunk.samples for chunk in chunks])[100:], 0.25, atol=1e-3)
    for chunk in chunks:
        said_s = scene.source.began_s + (chunk.start_sample + len(chunk.samples)) / 16_000
        assert 0 <= chunk.captured_s - said_s < 0.002  # the resampler's wait


def test_it_ends_when_told_and_says_so() -> None:
    scene = Scene()
    chunks = scene.run()
    take(chunks, 3)
    scene.source.stop()
    (last,) = chunks
    assert (last.is_last, len(last.samples)) == (True, 0)
    assert scene.host.recording[-1].is_closed
    assert not any(chunk.is_last for chunk in scene.chunks[:-1])


def test_it_ends_by_itself_after_so_much_sound() -> None:
    *chunks, last = Scene(max_s=0.5).run()
    assert last.is_last
    assert 8000 <= sum(len(chunk.samples) for chunk in chunks) < 8000 + 16_000 / 30


def test_unplugged_it_is_silent_at_real_pace_and_goes_on_when_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "actors.microphone")
    scene = Scene()
    chunks = scene.run()
    take(chunks, 10)
    scene.host.unplug()
    heard = next(chunk for chunk in chunks if not scene.source.is_connected)
    silent = [heard, *take(chunks, 99)]
    assert not any(chunk.samples.any() for chunk in silent)
    times_s = np.array([chunk.captured_s for chunk in silent])
    assert np.allclose(np.diff(times_s), 0.02)
    scene.host.microphones = [replace(MICROPHONE, index=5)]
    for _ in chunks:
        if scene.source.is_connected:
            break
    assert scene.host.num_refreshed >= 2
    spoken = take(chunks, 10)
    assert np.allclose(spoken[-1].samples, 0.25, atol=1e-3)
    assert scene.source.device.index == 5
    ends = [chunk.start_sample + len(chunk.samples) for chunk in scene.chunks]
    assert [chunk.start_sample for chunk in scene.chunks[1:]] == ends[:-1]
    scene.source.stop()
    assert next(chunks).is_last
    assert [record.message for record in caplog.records] == [
        "microphone 'Desk mic' is gone; waiting for it",
        "microphone 'Desk mic' is back",
    ]


def test_it_can_be_stopped_while_the_microphone_is_gone() -> None:
    scene = Scene()
    chunks = scene.run()
    take(chunks, 2)
    scene.host.unplug()
    next(chunk for chunk in chunks if not scene.source.is_connected)
    take(chunks, 200)
    scene.source.stop()
    (last,) = chunks
    assert last.is_last


def test_stopped_before_a_word_was_said_it_only_ends() -> None:
    scene = Scene()
    scene.source.stop()
    (last,) = scene.source
    assert (last.is_last, last.start_sample, len(last.samples)) == (True, 0, 0)


def test_dropped_blocks_are_counted_and_time_does_not_slip() -> None:
    scene = Scene()
    chunks = scene.run()
    take(chunks, 3)
    for _ in range(20):
        scene.speak()
    taken = take(chunks, 40)
    assert scene.source.num_dropped > 20
    end = taken[-1].start_sample + len(taken[-1].samples)
    assert end / 16_000 == pytest.approx(taken[-1].captured_s - 50.0, abs=0.003)


def test_a_microphone_that_cannot_be_opened_ends_the_run() -> None:
    scene = Scene()
    scene.host.microphones = []
    with pytest.raises(AudioError, match="Desk mic"):
        next(iter(scene.source))


def test_the_monitor_plays_what_is_said_and_stops_with_it() -> None:
    scene = Scene(monitor=MonitorRequest(0.02))
    chunks = scene.run()
    take(chunks, 2)
    assert np.allclose(scene.host.play(480), 0.25)
    scene.source.stop()
    list(chunks)
    assert scene.host.playing[-1].is_closed


def test_a_monitor_that_cannot_be_opened_leaves_no_microphone_open() -> None:
    scene = Scene(monitor=MonitorRequest(0.02, "Tube amp"))
    with pytest.raises(AudioError, match=r"output.*no named 'Tube amp'.*Headset"):
        next(iter(scene.source))
    assert not scene.host.recording
    assert LOUDSPEAKER in scene.host.loudspeakers
