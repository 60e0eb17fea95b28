"""The C# client against a real `umo serve`: crowds, bad networks, a server that dies."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unity_sample.bad_network import BadNetwork
from tests.unity_sample.mono_program import MonoProgram, values
from tests.unity_sample.serve_process import ServeProcess

pytestmark = [pytest.mark.receiver, pytest.mark.slow]
MOST_SPEED_RAD_S = 30  # of a bone: what is shown in one picture would be half a radian


def watched(
    program: MonoProgram, url: str, *arguments: object, on: dict[int, Callable[[], None]]
) -> dict[str, float]:
    """Run a session and do things when so many segments have been heard."""
    lines, num_heard = [], 0
    with program.started("session", url, *arguments) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if line.startswith("heard_one"):
                num_heard += 1
                on.get(num_heard, lambda: None)()
    printed = "".join(lines)
    print(printed)
    assert "passed session" in printed
    return values(printed)


def check(saw: dict[str, float]) -> None:
    """All that was said was heard to its end, and nothing was torn or jumped."""
    assert saw["said"] == saw["heard"] + saw["cut"] > 0
    assert saw["wrong"] == saw["bad"] == 0
    assert 0 < saw["most_speed_rad_s"] < MOST_SPEED_RAD_S
    assert saw["least_open"] > 0.1  # everybody's mouth


def test_what_one_character_can_be_told(program: MonoProgram, server: ServeProcess) -> None:
    program.run("stats", server.url)
    program.run("stats", f"tcp://localhost:{server.port}")


def test_a_character_without_room_comes_later(program: MonoProgram) -> None:
    with ServeProcess("--streams", "3") as server:
        program.run("full", server.url)


def test_a_hundred_starts_and_stops_leave_nothing(
    program: MonoProgram, server: ServeProcess
) -> None:
    saw = values(program.run("start_and_stop", server.url, 100))
    print(saw)
    assert saw["dispose_ms"] < 200
    assert saw["more_threads"] <= 1  # the runtime's own come and go
    assert saw["more_files"] <= 2


def test_a_crowd(program: MonoProgram, server: ServeProcess, speech: Path) -> None:
    saw = watched(program, server.url, 32, 30, speech, on={})
    check(saw)
    assert saw["disconnects"] == saw["late"] == saw["unread"] == 0
    assert saw["most_lost"] == 0  # of the frames that the server has sent


def test_a_crowd_on_a_bad_network(program: MonoProgram, server: ServeProcess, speech: Path) -> None:
    with BadNetwork(server.port, most_delay_s=0.06) as network:
        on = {10: lambda: network.stall(2), 20: network.cut, 40: network.cut}
        saw = watched(program, network.url, 32, 30, speech, on=on)
    check(saw)
    assert saw["disconnects"] == 2


def test_interruptions_on_a_bad_network(
    program: MonoProgram, server: ServeProcess, speech: Path
) -> None:
    with BadNetwork(server.port, most_delay_s=0.06) as network:
        saw = watched(program, network.url, 4, 15, speech, "interrupt", on={2: network.cut})
    check(saw)
    assert saw["cut"] > 3


def test_a_server_that_was_killed_and_came_back(program: MonoProgram, speech: Path) -> None:
    with ServeProcess() as server:

        def die() -> None:
            server.kill()
            server.start()

        saw = watched(program, server.url, 4, 15, speech, on={3: die, 8: die})
    check(saw)
    assert saw["disconnects"] == 2


def test_a_network_that_hangs_is_left(
    program: MonoProgram, server: ServeProcess, speech: Path
) -> None:
    with BadNetwork(server.port, most_delay_s=0) as network:
        on = {1: lambda: network.stall(5)}  # its patience is 3 s
        saw = watched(program, network.url, 2, 12, speech, on=on)
    check(saw)
    assert saw["disconnects"] == 1
