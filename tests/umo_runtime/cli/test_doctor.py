import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.actors.fake_audio import FakeHost
from tests.umo_runtime.cli.conftest import FakeEngine
from umo_runtime.cli import doctor_checks
from umo_runtime.cli.main import main
from umo_runtime.errors import AudioError, WeightsError


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    host = FakeHost()
    monkeypatch.setattr("umo_runtime.cli.doctor_checks.open_audio_host", lambda: host)
    monkeypatch.setattr("umo_runtime.cli.engine.open_engine", lambda weights: FakeEngine())
    return host


def findings(capsys: pytest.CaptureFixture[str], code: int) -> dict[str, dict[str, Any]]:
    assert main(["doctor", "--json"]) == code
    printed = json.loads(capsys.readouterr().out)
    assert printed["ok"] == (code == 0)
    return {found["subject"]: found for found in printed["findings"]}


def test_a_healthy_machine_is_fit_and_everything_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = findings(capsys, 0)
    subjects = {"Python", "packages", "networks", "onnxruntime", "PortAudio", "microphone"}
    assert subjects <= set(found)
    assert "numpy 2" in found["packages"]["detail"]
    assert "CPUExecutionProvider" in found["onnxruntime"]["detail"]
    assert "Desk mic" in found["microphone"]["detail"]
    assert "ms" in found["networks"]["detail"]
    for backend in ("torch", "tensorrt"):
        assert found[f"--backend {backend}"]["verdict"] == "ok"


def test_a_missing_sound_system_or_microphone_only_warns(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    host.microphones = []
    found = findings(capsys, 0)["microphone"]
    assert (found["verdict"], "plug one in" in found["remedy"]) == ("warn", True)

    def refuse() -> None:
        raise AudioError("apt install libportaudio2")

    monkeypatch.setattr("umo_runtime.cli.doctor_checks.open_audio_host", refuse)
    found = findings(capsys, 0)["PortAudio"]
    assert (found["verdict"], found["remedy"]) == ("warn", "apt install libportaudio2")


def test_what_run_needs_fails_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(weights: Path | None) -> None:
        raise WeightsError("no weights there")

    monkeypatch.setattr("umo_runtime.cli.engine.open_engine", refuse)
    found = findings(capsys, 2)
    assert found["networks"]["verdict"] == "fail"
    assert found["networks"]["remedy"].startswith("pip install")
    assert found["microphone"]["verdict"] == "ok"  # one failure hides no other line
    assert main(["doctor"]) == 2
    assert "-> pip install" in capsys.readouterr().out


def test_a_missing_package_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor_checks, "requires", lambda name: ["umo-imaginary>=3"])
    assert findings(capsys, 2)["umo-imaginary"]["verdict"] == "fail"


def test_a_receiver_on_the_port_is_noticed() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        port = receiver.getsockname()[1]
        assert "listens here" in doctor_checks.vmc_port(port).detail
    assert "nobody listens" in doctor_checks.vmc_port(port).detail
