"""Draws a recording on one page: the figure over time, the face curves and the waveform."""

from pathlib import Path

import numpy as np

from engine_bridge.atomic_file import AtomicFile
from umo_runtime.audio.speech_file import read_speech
from umo_runtime.stick_figure import draw_report

_NUM_POSES = 7


def draw_recording(recording: Path, speech: Path, picture: Path, title: str) -> None:
    """Draw a 30 fps `.npz` recording and its speech as a PNG.

    Raises:
        OutputError: the picture cannot be written; nothing is left behind.
    """
    with np.load(recording) as motion:
        duration_s = float(motion["times"][-1])
        page = draw_report(
            np.linspace(0.0, duration_s, _NUM_POSES + 2)[1:-1].tolist(),
            motion["rotations"],
            motion["root_position"],
            motion["blendshapes"],
            read_speech(speech).samples,
            title=title,
        )
    file = AtomicFile(picture)
    try:
        page.save(file.stream, "PNG")
    except BaseException:
        file.discard()
        raise
    file.commit()
