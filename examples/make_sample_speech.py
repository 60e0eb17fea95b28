"""Speak the demo's speech sample again, with the voice that ships inside the hibari-tts wheel.

Usage: pip install hibari-tts==0.2.1 && python examples/make_sample_speech.py OUTPUT.ogg
The text is `sample.txt` of the demo folder; each of its lines is followed by the pause given here.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from hibari import Hibari

FloatArray = npt.NDArray[np.float32]

TRANSCRIPT = Path(__file__).parents[1] / "umo_runtime" / "cli" / "demo" / "sample.txt"
LEAD_IN_S = 0.3
PAUSES_S = (0.45, 0.40, 0.80, 0.45, 0.50)  # after each line; in the long one it comes to rest
LEVEL_DBFS = -20.0  # RMS of the spoken parts
PEAK_DBFS = -3.0
SILENCE_POWER = 1e-5  # below this, averaged over 10 ms, nothing is being said


def trim(speech: FloatArray, rate_hz: int) -> FloatArray:
    """Cut the silence that the voice puts around a sentence, with 10 ms to spare."""
    spare = rate_hz // 100
    power = np.convolve(speech**2, np.full(spare, 1 / spare), mode="same")
    spoken = np.flatnonzero(power > SILENCE_POWER)
    return speech[max(spoken[0] - spare, 0) : spoken[-1] + spare]


def level(speech: FloatArray) -> FloatArray:
    """Bring a sentence to the common loudness, or as near as its peaks allow."""
    loudness_gain = 10 ** (LEVEL_DBFS / 20) / np.sqrt(np.mean(speech**2))
    peak_gain = 10 ** (PEAK_DBFS / 20) / np.abs(speech).max()
    return speech * min(loudness_gain, peak_gain)


def main() -> None:
    """Write the sample to the path given on the command line."""
    voice = Hibari()
    rate_hz = voice.sample_rate
    pieces = [np.zeros(round(LEAD_IN_S * rate_hz), np.float32)]
    lines = TRANSCRIPT.read_text(encoding="utf-8").splitlines()
    for line, pause_s in zip(lines, PAUSES_S, strict=True):
        sentence = level(trim(voice(line, seed=0), rate_hz))
        pieces += [sentence, np.zeros(round(pause_s * rate_hz), np.float32)]
    soundfile.write(sys.argv[1], np.concatenate(pieces), rate_hz, format="OGG", subtype="VORBIS")


if __name__ == "__main__":
    main()
