import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.monitor import DelayLine, Monitor, MonitorRequest
from tests.actors.fake_audio import LOUDSPEAKER, FakeHost
from umo_runtime.errors import ConfigError


@given(
    delay=st.integers(0, 500),
    sizes=st.lists(st.integers(1, 100), min_size=1, max_size=40),
)
def test_what_goes_in_comes_out_so_many_samples_later(delay: int, sizes: list[int]) -> None:
    line = DelayLine(delay, 200)
    samples = np.arange(1, sum(sizes) + 1, dtype=np.float32)
    parts = []
    for part in np.split(samples, np.cumsum(sizes)[:-1]):
        line.write(part)
        parts.append(line.read(len(part)))
    expected = np.concatenate((np.zeros(delay, np.float32), samples))[: len(samples)]
    assert np.array_equal(np.concatenate(parts), expected)


@pytest.mark.parametrize("reads", [97, 103])
def test_clocks_that_drift_apart_stay_near_the_delay(reads: int) -> None:
    line, written = DelayLine(1000, 200), 0
    for _ in range(500):
        line.write(np.arange(written, written + 100, dtype=np.float32))
        written += 100
        heard = line.read(reads)
        if written > 2000 and heard.any():
            assert 700 <= written - heard[-1] <= 1300


def test_a_writer_that_stops_leaves_silence_not_a_loop() -> None:
    line = DelayLine(1000, 200)
    line.write(np.ones(1500, np.float32))
    heard = np.concatenate([line.read(100) for _ in range(50)])
    assert heard.sum() <= 500 + 300
    assert not heard[800:].any()


def test_a_monitor_mixes_channels_and_waits() -> None:
    host = FakeHost()
    monitor = Monitor(host, LOUDSPEAKER, 48_000, delay_s=0.01)
    monitor.hear(np.tile(np.array([0.2, 0.4], np.float32), (960, 1)))
    heard = host.play(480)
    assert np.allclose(heard, 0.3)
    monitor.close()
    assert host.playing[-1].is_closed


@pytest.mark.parametrize("delay_s", [-0.001, 5.1, float("nan")])
def test_a_delay_that_cannot_be_held_is_refused(delay_s: float) -> None:
    with pytest.raises(ConfigError, match="0 to 5000"):
        MonitorRequest(delay_s)
