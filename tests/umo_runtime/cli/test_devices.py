import json

import pytest

from tests.actors.fake_audio import FakeHost
from umo_runtime.cli.main import main
from umo_runtime.errors import AudioError


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> FakeHost:
    host = FakeHost()
    monkeypatch.setattr("umo_runtime.cli.live_job.open_audio_host", lambda: host)
    return host


def test_people_get_a_table(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices"]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ["index", "name", "host", "API", "channels", "rate"]
    assert row.split() == ["*", "0", "Desk", "mic", "Fake", "2", "48000", "Hz"]


def test_programs_get_an_array(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices", "--json"]) == 0
    (device,) = json.loads(capsys.readouterr().out)
    assert (device["index"], device["name"], device["rate_hz"]) == (0, "Desk mic", 48_000)


def test_without_any_it_says_what_to_do(host: FakeHost, capsys: pytest.CaptureFixture[str]) -> None:
    host.microphones = []
    assert main(["devices"]) == 0
    printed = capsys.readouterr()
    assert (printed.out, "umo doctor" in printed.err) == ("", True)


def test_without_portaudio_it_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise AudioError("no sound system; install PortAudio")

    monkeypatch.setattr("umo_runtime.cli.live_job.open_audio_host", refuse)
    assert main(["devices"]) == 2
    assert capsys.readouterr().err == "umo: no sound system; install PortAudio\n"
