"""The components of the Unity package on a stub of Unity's API: rigs, faces, sound, play mode.

No Unity runs here. The stub has transforms, a frame loop, an audio thread and script reloading of
its own, so this shows our lines at work, and not Unity's.
"""

from pathlib import Path

import pytest

from tests.unity_sample.mono_program import MonoProgram, values
from tests.unity_sample.serve_process import ServeProcess

pytestmark = pytest.mark.receiver


@pytest.mark.parametrize(
    "test",
    [
        *("a_humanoid_in_a_pose", "a_rig_by_names", "upper_body_only", "a_model_without_bones"),
        *("face_report_without_playing", "no_server", "wrong_use"),
    ],
)
def test_alone(unity: MonoProgram, test: str) -> None:
    unity.run(test)


@pytest.mark.slow
def test_a_character_talks(unity: MonoProgram, server: ServeProcess, speech: Path) -> None:
    saw = values(unity.run("talks", server.url, speech))
    print(saw)
    assert saw["sounding"] > saw["sounding_open"] > 0


@pytest.mark.slow
def test_an_interrupted_character_is_silent(
    unity: MonoProgram, server: ServeProcess, speech: Path
) -> None:
    unity.run("interrupted", server.url, speech)


def test_a_spawner(unity: MonoProgram, server: ServeProcess) -> None:
    unity.run("spawns", server.url)


def test_a_gaze(unity: MonoProgram, server: ServeProcess) -> None:
    unity.run("looks", server.url)


def test_the_samples(unity: MonoProgram, server: ServeProcess) -> None:
    unity.run("samples", server.url)


@pytest.mark.slow
def test_a_hundred_starts_stops_and_reloads_leave_nothing(
    unity: MonoProgram, server: ServeProcess
) -> None:
    saw = values(unity.run("start_and_stop", server.url, 100))
    print(saw)
    assert saw["most_ms"] < 200
    assert saw["more_threads"] <= 1  # the runtime's own come and go
    assert saw["more_files"] <= 2
