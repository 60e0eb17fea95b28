import json
import os
import signal
import threading
import time
from typing import Any

import numpy as np
import pytest

from actors.farewell import rest_pose
from tests.actors.fake_audio import FakeHost
from tests.umo_runtime.cli.conftest import FakeEngine
from tests.umo_runtime.cli.live_scene import SpeakingHost
from tests.umo_runtime.cli.vmc_receiver import VmcReceiver
from umo_runtime.cli.main import main
from umo_runtime.controls import Controls
from umo_runtime.skeleton import BONES

FIELDS = {
    "time_s",
    "device",
    "connected",
    "level_db",
    "voice",
    "latency_ms",
    "latency_p95_ms",
    "frames",
    "dropped",
    "cpu_share",
    "outputs",
}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    engine = FakeEngine()
    monkeypatch.setattr("umo_runtime.cli.live_job.open_engine", lambda weights: engine)
    return engine


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch, engine: FakeEngine) -> SpeakingHost:
    host = SpeakingHost()
    monkeypatch.setattr("umo_runtime.cli.live_job.open_audio_host", lambda: host)
    return host


def live(*options: object) -> int:
    return main(["live", *map(str, options)])


@pytest.mark.parametrize("fps", [30, 60])
def test_frames_reach_every_receiver_at_pace_and_end_at_rest(
    fps: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with VmcReceiver() as first, VmcReceiver() as second:
        outputs = ("--output", first.url, "--output", second.url)
        assert live("--seconds", 1, "--fps", fps, "--quiet", *outputs) == 0
    frames, copies = first.frames(), second.frames()
    assert 1.4 * fps <= len(frames) <= 1.6 * fps
    assert [frame.bones for frame in frames] == [frame.bones for frame in copies]
    intervals_s = np.diff([frame.received_s for frame in frames[: fps - 5]])
    assert np.median(intervals_s) == pytest.approx(1 / fps, abs=0.012)
    rest = rest_pose(FakeEngine()).rotations
    x, y, z, w = frames[-1].bones["LeftUpperArm"][3:]
    # VMC's space mirrors x; q and -q are one rotation
    assert abs(np.dot((x, -y, -z, w), rest[BONES.index("LeftUpperArm")])) > 0.999
    assert max(frames[-1].blends.values()) == 0
    assert max(frames[fps // 2].blends.values()) > 0.1
    assert " frames in 1." in capsys.readouterr().out


def test_ctrl_c_eases_to_rest_and_is_a_success(capsys: pytest.CaptureFixture[str]) -> None:
    with VmcReceiver() as receiver:
        asked_s: list[float] = []

        def interrupt() -> None:
            while not receiver.has_frames:
                time.sleep(0.01)
            time.sleep(0.3)
            asked_s.append(time.monotonic())
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)  # `timeout` does that

        threading.Thread(target=interrupt).start()
        before = signal.getsignal(signal.SIGINT)
        assert live("--quiet", "--output", receiver.url) == 0
        assert signal.getsignal(signal.SIGINT) is before
    frames = receiver.frames()
    late = [frame for frame in frames if frame.received_s > asked_s[0]]
    assert 15 <= len(late) <= 20
    assert 0.4 < late[-1].received_s - asked_s[0] < 1.5
    assert max(late[-1].blends.values()) == 0
    assert capsys.readouterr().err == ""


def test_stopped_before_the_first_frame_it_ends_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert live("--seconds", 0, "--quiet") == 0
    assert capsys.readouterr().out.startswith("0 frames in ")


def test_json_is_an_object_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    with VmcReceiver() as receiver:
        assert live("--seconds", 1.5, "--json", "--output", receiver.url) == 0
    printed = capsys.readouterr()
    lines: list[dict[str, Any]] = [json.loads(line) for line in printed.out.splitlines()]
    assert 2 <= len(lines) <= 3
    assert all(set(line) == FIELDS for line in lines)
    status = lines[1]
    assert (status["device"], status["connected"], status["dropped"]) == ("Desk mic", True, 0)
    assert status["outputs"] == [receiver.url]
    assert 20 <= status["frames"] <= 45
    assert -36 < status["level_db"] < -31  # mixed to one channel, halved in band
    assert 58 < status["latency_ms"] < 300
    assert printed.err == ""


def test_not_on_a_terminal_there_are_lines_and_a_summary(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert live("--seconds", 0.3) == 0
    first, summary = capsys.readouterr().out.splitlines()
    assert first.startswith("0 s: Desk mic, ")
    assert "0 blocks dropped" in summary


def test_the_graph_is_told_the_controls(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, step = set(), engine.predictor.step

    def watch(*arguments: Any) -> Any:
        told.update(row.tobytes() for row in arguments[-1])
        return step(*arguments)

    monkeypatch.setattr(engine.predictor, "step", watch)
    assert live("--seconds", 0.3, "--quiet", "--emotion", "joy:0.5", "--calmness", 1) == 0
    assert told == {Controls(1.0, "joy", 0.5).vector().tobytes()}


def test_an_unplugged_microphone_is_waited_for(
    host: SpeakingHost, caplog: pytest.LogCaptureFixture
) -> None:
    microphones = host.microphones
    threading.Timer(0.4, host.unplug).start()
    threading.Timer(1.0, lambda: setattr(host, "microphones", microphones)).start()
    with VmcReceiver() as receiver:
        assert live("--seconds", 2.2, "--quiet", "--output", receiver.url) == 0
    times_s = [frame.received_s for frame in receiver.frames()]
    assert np.diff(times_s).max() < 0.3  # the avatar never freezes
    assert len(times_s) >= 2.0 * 30
    assert [record.message.split()[-1] for record in caplog.records] == ["it", "back"]


def test_the_voice_is_played_back_late(host: SpeakingHost) -> None:
    assert live("--seconds", 0.3, "--quiet", "--monitor-delay", 200) == 0
    assert len(host.playing) == 1
    assert host.playing[0].is_closed


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--device", "webcam"), "no named 'webcam'"),
        (("--gate", "10"), "gate is 10 dB; give a level from -120 to 0"),
        (("--output", "http://127.0.0.1:80"), "unknown output"),
        (("--emotion", "bliss"), "give one of neutral"),
        (("--monitor-delay", "6000"), "monitor delay is 6000 ms"),
        (("--monitor-delay", "100", "--monitor-device", "tube"), "output: no named 'tube'"),
        (("--monitor-device", "tube"), "needs --monitor-delay"),
        (("--quiet", "--json"), "not both"),
        (("--seconds", "-1"), "--seconds"),
        (("--fps", "50"), "not one of"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], reason: str
) -> None:
    assert live(*options) == 2
    printed = capsys.readouterr()
    assert reason in printed.err
    assert len(printed.err.splitlines()) == 1


def test_a_wrong_output_is_told_without_a_microphone(
    host: FakeHost, capsys: pytest.CaptureFixture[str]
) -> None:
    host.microphones = []
    assert live("--output", "livelink://127.0.0.1") == 2
    assert "no port in 'livelink://127.0.0.1'" in capsys.readouterr().err


def test_without_a_microphone_it_says_what_to_do(
    host: FakeHost, capsys: pytest.CaptureFixture[str]
) -> None:
    host.microphones = []
    assert live() == 2
    assert "there is no audio input; plug one in, then run: umo doctor" in capsys.readouterr().err
