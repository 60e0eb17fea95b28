"""A PulseAudio daemon of its own, with a loudspeaker whose monitor is the microphone."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

PROGRAMS = ("pulseaudio", "pactl", "paplay")
_SINK = ("module-null-sink", "sink_name=speech", "rate=48000")
_ALSA = "pcm.!default pulse\nctl.!default pulse\npcm.pulse { type pulse }\nctl.pulse { type pulse }"


def is_installed() -> bool:
    return all(map(shutil.which, PROGRAMS))


class PulseServer:
    """Use as a context manager; programs that run in `environment` see nothing but it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="umo-pulse-"))  # short: it holds a socket
        address = self._folder / "native"
        (self._folder / ".asoundrc").write_text(_ALSA)
        places = dict.fromkeys(("HOME", "XDG_RUNTIME_DIR", "PULSE_RUNTIME_PATH"), self._folder)
        self.environment = {
            **os.environ,
            **{name: str(place) for name, place in places.items()},
            "PULSE_SERVER": f"unix:{address}",
        }
        loaded = (f"module-native-protocol-unix socket={address} auth-anonymous=1", " ".join(_SINK))
        self._daemon = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
            + [f"--load={module}" for module in loaded],
            env=self.environment,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        """Until it answers."""
        for _ in range(100):
            answer = subprocess.run(
                ["pactl", "info"], env=self.environment, capture_output=True, check=False
            )
            if answer.returncode == 0:
                return
            time.sleep(0.1)
        raise TimeoutError("PulseAudio does not answer")

    def unplug(self) -> None:
        self._run("pactl", "unload-module", _SINK[0])

    def plug(self) -> None:
        self._run("pactl", "load-module", *_SINK)

    def play(self, path: Path) -> None:
        """Until it has been heard."""
        self._run("paplay", "--device=speech", str(path))

    def _run(self, *command: str) -> None:
        subprocess.run(command, env=self.environment, check=True, stdout=subprocess.DEVNULL)

    def __enter__(self) -> Self:
        self.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._daemon.terminate()
        self._daemon.wait()
        shutil.rmtree(self._folder, ignore_errors=True)
