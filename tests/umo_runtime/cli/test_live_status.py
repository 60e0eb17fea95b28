from dataclasses import replace

import pytest

from actors.channel import Channel
from actors.microphone import MicrophoneSource
from tests.actors.fake_audio import MICROPHONE, FakeHost
from tests.actors.speech import chunked, make_samples
from tests.actors.test_frame_rate import make_frame
from umo_runtime.audio.conditioning import VoiceConditioner
from umo_runtime.cli.live_status import LiveMeter
from umo_runtime.clock import ManualClock
from umo_runtime.types import AudioChunk


def test_latency_is_from_the_sound_to_now_and_all_counters_are_read() -> None:
    clock, cpu_s = ManualClock(100.0), [5.0]
    source = MicrophoneSource(FakeHost(), MICROPHONE, clock, VoiceConditioner())
    audio: Channel[AudioChunk] = Channel(2, "drop_oldest", clock=clock)
    meter = LiveMeter(source, audio, ("vmc://a:1",), 30, clock, lambda: cpu_s[0])
    source.began_s = 99.0
    for latency_s in (0.08,) * 19 + (0.2,):
        time_s = clock.now_s() - source.began_s - latency_s
        meter.count(replace(make_frame(0), time_s=time_s))
        clock.advance(0.1)
    cpu_s[0] += 0.3
    for chunk in chunked(make_samples(1600), [320]):
        audio.put(chunk)
    status = meter.status()
    assert status.latency_ms == pytest.approx(200)
    assert 80 <= status.latency_p95_ms <= 90
    assert (status.frames, status.dropped, status.device) == (20, 3, "Desk mic")
    assert status.cpu_share == pytest.approx(0.15)
    assert status.time_s == pytest.approx(2.0)
    assert meter.status().cpu_share == status.cpu_share  # too soon for a new one
