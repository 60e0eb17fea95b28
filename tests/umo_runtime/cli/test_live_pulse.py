"""`umo live` as a user runs it, on a real capture device and the shipped weights."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.umo_runtime.audio.sounds import sample_speech
from tests.umo_runtime.cli.pulse_server import PulseServer, is_installed
from tests.umo_runtime.cli.vmc_receiver import VmcFrame, VmcReceiver
from umo_runtime.cli.main import main

pytestmark = [
    pytest.mark.audio,
    pytest.mark.skipif(not is_installed(), reason="PulseAudio is not installed"),
]

_UMO = "import sys; from umo_runtime.cli.main import main; sys.exit(main())"


@pytest.fixture
def server() -> Iterator[PulseServer]:
    with PulseServer() as started:
        yield started


@pytest.fixture(scope="module")
def phrase(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 3.2 s of the sample: 0.3 s of silence, a phrase, a pause, another."""
    path = tmp_path_factory.mktemp("speech") / "phrase.wav"
    soundfile.write(path, sample_speech()[: round(3.2 * 16_000)], 16_000)
    return path


@pytest.fixture(scope="module")
def expected(phrase: Path) -> np.ndarray:
    """Its jaw at 30 Hz as `umo run` moves it, the silence before it left out."""
    take = phrase.with_suffix(".npz")
    assert main(["run", str(phrase), "--record", str(take)]) == 0
    with np.load(take) as motion:
        names = motion["blendshape_names"].tolist()
        opening: np.ndarray = motion["blendshapes"][9:, names.index("jawOpen")]
    return opening


@contextmanager
def umo_live(server: PulseServer, receiver: VmcReceiver) -> Iterator[subprocess.Popen[str]]:
    """Run it until frames come; killed at the end if it still runs."""
    command = (
        sys.executable,
        "-c",
        _UMO,
        "live",
        "--device",
        "pulse",
        "--quiet",
        "--seconds",
        "60",
    )
    process = subprocess.Popen(
        (*command, "--output", receiver.url),
        env=server.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        while not receiver.has_frames:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        yield process
    finally:
        process.kill()
        process.communicate()


def jaw(frames: list[VmcFrame], start_s: float, end_s: float) -> np.ndarray:
    """How far the jaw is open at 30 Hz between two times."""
    times_s = [frame.received_s for frame in frames]
    opening = [frame.blends["jawOpen"] for frame in frames]
    return np.interp(np.arange(start_s, end_s, 1 / 30), times_s, opening)


def likeness(curve: np.ndarray, expected: np.ndarray) -> float:
    """Correlation of a jaw with that of the same speech as a file, at the best of all lags."""
    lags = range(len(curve) - len(expected))
    return max(float(np.corrcoef(curve[lag : lag + len(expected)], expected)[0, 1]) for lag in lags)


def test_the_jaw_follows_the_microphone_and_ctrl_c_leads_to_rest(
    server: PulseServer, phrase: Path, expected: np.ndarray
) -> None:
    with VmcReceiver() as receiver, umo_live(server, receiver) as process:
        time.sleep(0.7)
        spoken_s = time.monotonic()
        server.play(phrase)
        time.sleep(0.3)
        asked_s = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    frames = receiver.frames()
    assert (process.returncode, err) == (0, "")
    assert "frames in" in out
    before = jaw(frames, frames[0].received_s + 0.1, spoken_s)
    during = jaw(frames, spoken_s, asked_s)
    assert before.max() < 0.05
    assert during.max() > 0.2
    assert likeness(during, expected) > 0.85
    eased = [frame for frame in frames if frame.received_s > asked_s]
    assert 15 <= len(eased) <= 20
    assert 0.4 < eased[-1].received_s - asked_s < 1.5
    assert max(eased[-1].blends.values()) == 0
    openings = [frame.blends["jawOpen"] for frame in eased[-15:]]
    assert openings == sorted(openings, reverse=True)


@pytest.mark.slow
def test_an_unplugged_microphone_comes_back(
    server: PulseServer, phrase: Path, expected: np.ndarray
) -> None:
    with VmcReceiver() as receiver, umo_live(server, receiver) as process:
        time.sleep(0.3)
        server.unplug()
        gone_s = time.monotonic()
        time.sleep(2.0)
        server.plug()
        back_s = time.monotonic()
        time.sleep(3.5)  # a second until it is looked for, two until a null sink's monitor begins
        spoken_s = time.monotonic()
        server.play(phrase)
        time.sleep(0.3)
        ended_s = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)
    frames = receiver.frames()
    assert process.returncode == 0
    assert "is gone; waiting for it" in err
    assert "is back" in err
    times_s = np.array([frame.received_s for frame in frames])
    assert np.diff(times_s).max() < 1.2  # half a second until a silent device is given up
    assert np.sum((times_s > gone_s) & (times_s < back_s)) > 35  # alive meanwhile
    assert jaw(frames, gone_s, spoken_s).max() < 0.05
    assert likeness(jaw(frames, spoken_s, ended_s), expected) > 0.85
