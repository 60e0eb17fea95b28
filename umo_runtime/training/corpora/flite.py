"""Flite, an installed program: letter-to-sound rules, and voices whose phone times are exact.

Only trainers call it, as a process. Debian's package `flite` brings both of its programs.
Source: A. Black and K. Lenzo, "Flite: a small fast run-time synthesis engine", SSW 2001.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from umo_runtime.errors import CorpusError
from umo_runtime.tokenizer.phones import PHONES
from umo_runtime.training.corpora.recording import decode_recording
from umo_runtime.training.corpora.utterance import Span, Utterance
from umo_runtime.types import SAMPLE_RATE_HZ

VOICES = ("awb", "kal16", "rms", "slt")  # one Scottish, three American; three men, one woman

_TO_ARPABET = {"AX": "AH", "PAU": "SIL"}  # what the lexicon names otherwise than ARPAbet


def letter_to_sound(word: str) -> tuple[str, ...]:
    """Phones of a word that no dictionary holds; none if it has nothing to say."""
    labels = _run("t2p", word).split()
    return tuple(phone for label in labels if (phone := _arpabet(label)) != "SIL")


def speak(text: str, voice: str, name: str, pace: float = 1.0) -> Utterance:
    """Say a sentence.

    Args:
        text: the sentence.
        voice: of VOICES.
        name: of the utterance.
        pace: how fast, 0.5..2.
    """
    stretch = f"duration_stretch={1 / pace:.3f}"
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "speech.wav"
        spoken = ("-voice", voice, "--setf", stretch, "-psdur", "-o", str(sound))
        printed = _run("flite", *spoken, "-t", text)
        samples = decode_recording(sound.read_bytes(), name)
    phones = tuple(_spans(printed, len(samples) / SAMPLE_RATE_HZ))
    return Utterance(name, f"flite-{voice}", samples, text, (), phones)


def _spans(printed: str, duration_s: float) -> Iterator[Span]:
    """Phones from `p:0.240 iy:0.332`, labels with their end."""
    start = 0.0
    for item in printed.split():
        label, _, end = item.rpartition(":")
        stop = min(float(end), duration_s)  # the diphone voice cuts its last pause short
        if stop > start:
            yield Span(_arpabet(label), start, stop)
        start = stop


def _arpabet(label: str) -> str:
    plain = label.rstrip("012").upper()
    phone = _TO_ARPABET.get(plain, plain)
    if phone not in PHONES:
        raise CorpusError(
            f"flite says {label!r}, which is no ARPAbet phone; expected its English lexicon, "
            "install Debian's package flite"
        )
    return phone


def _run(program: str, *arguments: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise CorpusError(
            f"the program {program} is missing; it comes with flite, run: apt install flite"
        )
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CorpusError(
            f"{program} failed on {arguments[-1]!r}: {done.stderr.strip() or done.returncode}; "
            "expected English text, correct it or leave it out"
        )
    return done.stdout
