import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zmq

from actors.serving import ServeOptions
from engine_bridge.wire import decode, encode, frame_values
from engine_bridge.wire_messages import SERVER_MESSAGES, Frame, Hello, Open, Opened, Welcome
from umo_runtime.cli.main import main
from umo_runtime.cli.serve_job import RunnerOptions, check_safety, parse_a2f, parse_shards
from umo_runtime.errors import ConfigError

START = "import sys; from umo_runtime.cli.main import main; sys.exit(main())"
KEYS = Path("keys")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[ServeOptions, RunnerOptions]]:
    """What would have been served, instead of serving it."""
    calls: list[tuple[ServeOptions, RunnerOptions]] = []

    async def note(options: ServeOptions, runner: RunnerOptions) -> None:
        calls.append((options, runner))

    for runner in ("embedded", "cluster"):
        monkeypatch.setattr(f"umo_runtime.cli.serve_job._serve_{runner}", note)
    return calls


OPEN_HOSTS = ("0.0.0.0", "::", "192.168.1.5", "fe80::1", "myhost", "localhost.evil.org", "", "*")


@pytest.mark.parametrize("host", OPEN_HOSTS)
@pytest.mark.parametrize(
    ("token", "keys", "is_insecure", "websocket_port"),
    list(product(("", "secret"), (None, KEYS), (False, True), (None, 7602))),
)
def test_the_network_is_let_in_with_a_secret_only(
    host: str, token: str, keys: Path | None, is_insecure: bool, websocket_port: int | None
) -> None:
    options = ServeOptions(host, 7601, websocket_port, 4, token, keys)
    is_guarded = bool(token) or (keys is not None and websocket_port is None)
    if is_guarded or is_insecure:
        check_safety(options, is_insecure=is_insecure)
    else:
        with pytest.raises(ConfigError, match="is reachable from the network; give --token"):
            check_safety(options, is_insecure=is_insecure)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_needs_no_secret(host: str) -> None:
    check_safety(ServeOptions(host, 7601, 7602, 4), is_insecure=False)


@pytest.mark.parametrize("host", OPEN_HOSTS)
def test_nor_does_audio2face_let_it_in_without_a_token(host: str) -> None:
    options = ServeOptions("127.0.0.1", 7601, 7602, 4, keys=KEYS, a2f=(host, 52000))
    with pytest.raises(ConfigError, match=r"--a2f at .* is reachable from the network; give"):
        check_safety(options, is_insecure=False)
    check_safety(options, is_insecure=True)
    check_safety(replace(options, token="secret"), is_insecure=False)
    check_safety(replace(options, a2f=("127.0.0.1", 52000)), is_insecure=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("52000", ("here", 52000)),
        ("0", ("here", 0)),
        ("0.0.0.0:52000", ("0.0.0.0", 52000)),
        ("[::1]:1", ("::1", 1)),
    ],
)
def test_where_audio2face_is_served(text: str, expected: tuple[str, int]) -> None:
    assert parse_a2f(text, "here") == expected


@pytest.mark.parametrize("text", ["", "host", "host:", "65536", "-1", "52000 ", "1e3", "1:2:x"])
def test_no_address_for_audio2face(text: str) -> None:
    with pytest.raises(ConfigError, match="give a port such as 52000, or HOST:PORT"):
        parse_a2f(text, "here")


def test_audio2face_needs_its_extra_and_one_process(
    served: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("umo_runtime.cli.extras.find_spec", lambda package: None)
    assert main(["serve", "--a2f", "52000"]) == 2
    assert "grpc is not installed; run: pip install 'umo-runtime[a2f]'" in capsys.readouterr().err
    monkeypatch.setattr("umo_runtime.cli.extras.find_spec", lambda package: package)
    assert main(["serve", "--a2f", "52000", "--runner", "ray"]) == 2
    assert "--a2f needs --runner embedded" in capsys.readouterr().err
    assert main(["serve", "--a2f", "52000"]) == 0
    assert served[-1][0].a2f == ("127.0.0.1", 52000)


def test_a_plan_of_ports_is_served(
    served: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "ports.json"
    assert main(["ports", "ada", "bob", "--out", str(plan)]) == 0
    assert main(["serve", "--ports", str(plan)]) == 0
    assert served[-1][0].outputs == {
        "ada": "vmc://127.0.0.1:39539?source_port=29539",
        "bob": "vmc://127.0.0.1:39540?source_port=29540",
    }
    for text in (
        "{",
        "3",
        '["ada"]',
        '[{"stream": "ada"}]',
        '[{"stream": 1, "output": "vmc://h:1"}]',
    ):
        plan.write_text(text)
        assert main(["serve", "--ports", str(plan)]) == 2
        assert "is no plan; write one: umo ports" in capsys.readouterr().err
    assert main(["serve", "--ports", str(tmp_path / "none")]) == 2
    assert "cannot be read: No such file" in capsys.readouterr().err


def test_the_defaults_stay_on_this_machine(served: list[Any]) -> None:
    assert main(["serve"]) == 0
    assert served == [(ServeOptions("127.0.0.1", 7601, 7602, 64), RunnerOptions())]


def test_options_arrive(served: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UMO_TOKEN", "secret")
    options = ["--host", "0.0.0.0", "--port", "1", "--websocket-port", "-1", "--streams", "3"]
    folders = ["--keys", str(tmp_path), "--weights", str(tmp_path / "w")]
    origins = ["--allow-origin", "https://a.org", "--allow-origin", "http://B.org:81/"]
    others = ["--metrics-port", "0", "--backend", "torch"]
    assert main(["serve", *options, *folders, *origins, *others]) == 0
    served_origins = ("https://a.org", "http://b.org:81")
    expected = ServeOptions("0.0.0.0", 1, None, 3, "secret", tmp_path, served_origins, 0)
    assert served == [(expected, RunnerOptions("embedded", tmp_path / "w", "torch"))]


def test_options_of_a_cluster_arrive(served: list[Any]) -> None:
    options = ["--runner", "ray", "--address", "head:6379", "--shards", "2:8"]
    others = ["--shard-port", "7700", "--engine-gpus", "0.5", "--log", "json"]
    assert main(["serve", *options, *others]) == 0
    expected = RunnerOptions("ray", None, "onnxruntime", "head:6379", (2, 8), 7700, 0.5, "json")
    assert served == [(ServeOptions("127.0.0.1", 7601, 7602, 64), expected)]


@pytest.mark.parametrize("text", ["", "0", "0:2", "3:2", "two", "1:2:3", "-1", "1:"])
def test_a_number_of_shards_that_is_none(text: str) -> None:
    with pytest.raises(ConfigError, match="give a number such as 2, or least:most"):
        parse_shards(text)


def test_without_ray_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["serve", "--runner", "ray", "--port", "0"]) == 2
    told = capsys.readouterr().err
    assert told == "umo: ray is not installed; run: pip install 'umo-runtime[cluster]'\n"


@pytest.mark.parametrize(
    "options",
    [
        "--host 0.0.0.0",
        "--host :: --keys keys",
        "--host myhost --websocket-port -1",
        "--host 0.0.0.0 --token=",
        "--port 65536",
        "--port -1",
        "--websocket-port -2",
        "--streams 0",
        "--streams 4097",
        "--streams many",
        "--speed 2",
        "--allow-origin example.org",
    ],
)
def test_bad_options_are_one_line_and_nothing_is_served(
    served: list[Any], capsys: pytest.CaptureFixture[str], options: str
) -> None:
    assert main(["serve", *options.split()]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("umo: ") and printed.err.count("\n") == 1
    assert served == []


def test_keys_are_made_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", str(tmp_path), "--client", "game", "--client", "agent"]) == 0
    listed = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert len(listed) == 6
    assert all(file.is_file() for file in listed)
    assert main(["keys", str(tmp_path), "--client", "../x"]) == 2
    assert capsys.readouterr().err.startswith("umo: client '../x' is no name")


@contextmanager
def umo_serve(*options: str) -> Iterator[subprocess.Popen[str]]:
    command = (sys.executable, "-c", START, "serve", "--port", "0", "--websocket-port", "0")
    with subprocess.Popen(
        (*command, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.slow
def test_a_character_lives_and_sigterm_ends_it_in_time() -> None:
    with umo_serve("--streams", "2") as process, zmq.Context() as context:
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline()
        assert line.startswith("umo serve: tcp://127.0.0.1:")
        assert " ws://127.0.0.1:" in line
        with context.socket(zmq.DEALER) as dealer:
            dealer.linger, dealer.rcvtimeo = 0, 20_000
            dealer.connect(line.split()[2])
            dealer.send(encode(Hello("test")))
            assert isinstance(decode(dealer.recv(), SERVER_MESSAGES), Welcome)
            dealer.send(encode(Open("npc")))
            assert decode(dealer.recv(), SERVER_MESSAGES) == Opened("npc")
            started_s = time.monotonic()
            frames: list[Frame] = [decode(dealer.recv(), SERVER_MESSAGES) for _ in range(90)]
        assert 2 < time.monotonic() - started_s < 6  # idle frames come when they are due
        poses = [frame_values(frame) for frame in frames]
        rotations = np.stack([rotations for rotations, _, _ in poses])
        assert np.allclose(np.linalg.norm(rotations, axis=-1), 1, atol=1e-3)
        turned = 2 * np.arccos(np.abs((rotations[0] * rotations[1:]).sum(-1)).clip(0, 1))
        assert 0.5 < np.degrees(turned).max() < 120  # of any bone in three seconds
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert process.stderr.read() == ""


@pytest.mark.slow
def test_ports_that_are_taken_are_one_line() -> None:
    with umo_serve() as first:
        assert first.stdout is not None
        port = first.stdout.readline().split()[2].rpartition(":")[2]
        with umo_serve("--port", port) as second:
            assert second.wait(30) == 2
            assert second.stderr is not None
            said = second.stderr.read()
        assert said.startswith(f"umo: cannot listen at 127.0.0.1:{port} (")
        assert said.count("\n") == 1
        first.send_signal(signal.SIGINT)
        assert first.wait(5) == 0
