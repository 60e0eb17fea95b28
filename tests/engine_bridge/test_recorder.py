"""What all formats share: bad frames, closing, aborting, full disks, killed processes."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine_bridge import RECORDING_SUFFIXES, open_recorder
from engine_bridge.atomic_file import AtomicFile
from engine_bridge.recorder import Recorder
from tests.engine_bridge.bridge_frames import make_frame, utterance
from umo_runtime.errors import OutputError

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=RECORDING_SUFFIXES)
def path(tmp_path, request):
    return tmp_path / f"take{request.param}"


def load(path):
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def test_nothing_is_there_before_close(path):
    recorder = open_recorder(path, 30)
    recorder.write(make_frame())
    assert not path.exists()
    recorder.close()
    assert list(path.parent.iterdir()) == [path]


def test_abort_leaves_nothing(path):
    recorder = open_recorder(path, 30)
    for frame in utterance(5):
        recorder.write(frame)
    recorder.abort()
    recorder.abort()
    recorder.close()
    assert list(path.parent.iterdir()) == []


def test_abort_leaves_the_file_that_was_there(path):
    path.write_text("older")
    recorder = open_recorder(path, 30)
    recorder.write(make_frame())
    recorder.abort()
    assert path.read_text() == "older"


def test_close_replaces_the_file_that_was_there(path):
    path.write_text("older")
    recorder = open_recorder(path, 30)
    recorder.close()
    recorder.close()
    recorder.abort()
    assert path.read_bytes() != b"older"
    assert list(path.parent.iterdir()) == [path]


def test_writing_after_the_end_is_refused(path):
    recorder = open_recorder(path, 30)
    recorder.close()
    with pytest.raises(OutputError, match="is closed; open a new one"):
        recorder.write(make_frame())


def test_a_bad_frame_is_recorded_as_the_last_good_one(tmp_path):
    recorder = open_recorder(tmp_path / "take.npz", 30)
    good = make_frame(0, shapes={"jawOpen": 0.25})
    bad = replace(make_frame(1), blendshapes=np.full(52, np.nan, np.float32))
    timeless = replace(bad, time_s=float("nan"))
    for frame in (good, bad, timeless, make_frame(3)):
        recorder.write(frame)
    recorder.close()
    archive = load(tmp_path / "take.npz")
    assert archive["times"].tolist() == [0, 1 / 30, 1 / 30, 0.1]
    np.testing.assert_array_equal(archive["blendshapes"][:3], [good.blendshapes] * 3)
    assert recorder.num_rejected == 2


def test_a_bad_first_frame_is_the_t_pose(path):
    recorder = open_recorder(path, 30)
    recorder.write(replace(make_frame(), rotations=np.full((55, 4), np.nan, np.float32)))
    recorder.close()
    assert b"nan" not in path.read_bytes().lower()


def test_a_producer_may_reuse_its_arrays(tmp_path):
    recorder = open_recorder(tmp_path / "take.npz", 30)
    frame = make_frame(shapes={"jawOpen": 0.5})
    recorder.write(frame)
    frame.blendshapes[:] = np.nan
    recorder.write(frame)
    recorder.close()
    shapes = load(tmp_path / "take.npz")["blendshapes"]
    np.testing.assert_array_equal(shapes[0], shapes[1])
    assert np.isfinite(shapes).all()


class FullDisk:
    """A format whose disk fills up at a given step."""

    def __init__(self, step):
        self._step = step

    def _work(self, step):
        if step == self._step:
            raise OSError(28, "No space left on device")

    def add(self, frame):
        self._work("add")

    def finish(self):
        self._work("finish")


@pytest.mark.parametrize("step", ["add", "finish"])
def test_a_full_disk_leaves_nothing(tmp_path, step):
    recorder = Recorder(AtomicFile(tmp_path / "take.npz"), FullDisk(step))
    with pytest.raises(OutputError, match=r"stopped: No space left on device; free space"):
        for _ in range(2):
            recorder.write(make_frame())
        recorder.close()
    recorder.abort()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a hidden file stays")
def test_a_killed_process_leaves_nothing(path):
    code = (
        "import sys\n"
        "from engine_bridge import open_recorder\n"
        "from tests.engine_bridge.bridge_frames import utterance\n"
        "recorder = open_recorder(sys.argv[1], 30)\n"
        "for frame in utterance(30): recorder.write(frame)\n"
        "print('written', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    assert list(path.parent.iterdir()) == []
