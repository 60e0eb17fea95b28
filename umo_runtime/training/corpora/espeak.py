"""eSpeak NG, an installed library: many voices of English whose phone times are exact.

Only trainers call it; nothing that users run needs it. Debian's package `libespeak-ng1` brings it.
Source: eSpeak NG, speak_lib.h, "espeak_EVENT".
"""
# ruff: noqa: RUF001 IPA looks like Latin letters

import ctypes
import functools
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import soxr

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.utterance import Span, Utterance
from umo_runtime.types import SAMPLE_RATE_HZ, FloatArray

ACCENTS = ("gmw/en", "gmw/en-US", "gmw/en-GB-scotland", "gmw/en-GB-x-rp", "gmw/en-029")

_SYNCHRONOUS, _IPA_PHONEME_EVENTS, _UTF8 = 2, 3, 1
_RATE, _PITCH = 1, 3  # parameters
_WORD, _PHONEME = 1, 7  # events
_MAX_CLOSURE_S = 0.09
_BLOCK_S = 0.005
_QUIET = 0.15  # of the sentence's own level
_WORD_AT = re.compile(r"[\w']+")  # eSpeak's own length ends at an apostrophe
_VOICELESS_STOPS = frozenset(("P", "T", "K", "CH"))

# IPA of the English voices; accents differ in the sound, so one table serves them all.
_IPA = {
    **{"IY": "iː i ei", "IH": "ɪ ᵻ", "EY": "eɪ eː", "EH": "ɛ e", "AE": "æ a"},
    **{"AA": "ɑː ɑ aː a: aa", "AO": "ɔː ɔ ɒ", "AH": "ʌ ə ɐ", "ER": "ɜː ɜ ɚ əɪ"},
    **{"OW": "oʊ əʊ ʌʊ oː o", "UW": "uː u ʉː əu", "UH": "ʊ ʉ"},
    **{"AY": "aɪ", "AW": "aʊ æʊ ʌʉ", "OY": "ɔɪ oɪ"},
    **{letter.upper(): letter for letter in "bdflmpsvwz"},
    **{"G": "ɡ g", "HH": "h", "K": "k x", "N": "n n̩", "NG": "ŋ", "R": "ɹ r", "T": "t ɾ ʔ"},
    **{"TH": "θ t̪", "DH": "ð", "SH": "ʃ", "ZH": "ʒ", "CH": "tʃ", "JH": "dʒ", "W": "w ʍ", "Y": "j"},
}
_PHONES: dict[str, tuple[str, ...]] = {
    **{ipa: (phone,) for phone, sounds in _IPA.items() for ipa in sounds.split()},
    **{"oːɹ": ("AO", "R"), "ʲ": ()},
}


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("name", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class _Mark(NamedTuple):
    """Where something begins, in samples: a phoneme in IPA or a word."""

    label: str
    sample: int


def speak(
    text: str, voice: str, name: str, words_per_minute: int = 175, pitch: int = 50
) -> Utterance:
    """Say a sentence.

    Args:
        text: the sentence.
        voice: an accent of ACCENTS, and after a plus a variant of the voice: `gmw/en-US+f2`.
        name: of the utterance.
        words_per_minute: 80..450.
        pitch: 0..100, 50 is the voice's own.
    """
    library, rate_hz = _library()
    if library.espeak_SetVoiceByName(voice.encode()):
        raise CorpusError(
            f"eSpeak NG has no voice {voice!r}; expected one such as gmw/en-US+f2, see "
            "`espeak-ng --voices=en`"
        )
    library.espeak_SetParameter(_RATE, words_per_minute, 0)
    library.espeak_SetParameter(_PITCH, pitch, 0)
    samples, words, phonemes = _synthesize(library, text)
    speaker = f"espeak-{voice.rpartition('/')[2]}"
    phones = _phone_spans(phonemes, samples, rate_hz)
    timed = tuple(_word_spans(words, phones, rate_hz))
    heard = np.asarray(soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ), np.float32)
    return Utterance(name, speaker, heard, text, timed, tuple(phones))


@functools.cache  # it can be started once in a process
def _library() -> tuple[Any, int]:
    try:
        library = ctypes.CDLL("libespeak-ng.so.1")
    except OSError as error:
        raise CorpusError(
            "the library libespeak-ng.so.1 is missing; it comes with eSpeak NG, run: "
            "apt install libespeak-ng1"
        ) from error
    rate_hz = library.espeak_Initialize(_SYNCHRONOUS, 200, None, _IPA_PHONEME_EVENTS)
    if rate_hz <= 0:
        raise CorpusError("eSpeak NG finds no data; run: apt install espeak-ng-data")
    return library, rate_hz


def _synthesize(library: Any, text: str) -> tuple[FloatArray, list[_Mark], list[_Mark]]:
    """Samples, words and phonemes of a sentence."""
    blocks: list[FloatArray] = []
    words: list[_Mark] = []
    phonemes: list[_Mark] = []

    def receive(samples: Any, count: int, events: Any) -> int:
        if count > 0:
            blocks.append(np.float32(1 / 32768) * np.ctypeslib.as_array(samples, (count,)))
        for event in _until_end(events):
            if event.type == _PHONEME:
                phonemes.append(_Mark(event.name.decode(), event.sample))
            elif word := event.type == _WORD and _WORD_AT.match(text, event.text_position - 1):
                words.append(_Mark(word[0].lower(), event.sample))
        return 0

    callback = _Callback(receive)  # must live as long as the library may call it
    library.espeak_SetSynthCallback(callback)
    encoded = text.encode()
    library.espeak_Synth(encoded, len(encoded) + 1, 0, 1, 0, _UTF8, None, None)
    library.espeak_SetSynthCallback(_Callback())
    if not any(mark.label for mark in phonemes):
        raise CorpusError(f"eSpeak NG has nothing to say for {text!r}; give an English sentence")
    return np.concatenate(blocks), words, phonemes


def _until_end(events: Any) -> Iterator[Any]:
    number = 0
    while events[number].type:
        yield events[number]
        number += 1


def _phone_spans(marks: Sequence[_Mark], samples: FloatArray, rate_hz: int) -> list[Span]:
    """Phones without gaps, from the first sample to the last."""
    marks = _with_closures([_Mark("", 0), *marks, _Mark("", len(samples))], samples, rate_hz)
    quiet = _QUIET * float(samples.std())
    spans: list[Span] = []
    for (label, start), (_, end) in pairwise(marks):
        if start >= end:
            continue
        phones = to_arpabet(label)
        if not label and (not spans or samples[start:end].std() < quiet):
            phones = ("SIL",)
        if phones == ("SIL",) and spans and spans[-1].label == "SIL":
            phones = ()
        if phones:
            spans += _shared(phones, start / rate_hz, end / rate_hz)
        else:  # a mark of length, or more of the same silence
            spans[-1] = Span(spans[-1].label, spans[-1].start_s, end / rate_hz)
    return spans


def _with_closures(marks: Sequence[_Mark], samples: FloatArray, rate_hz: int) -> list[_Mark]:
    """Voiceless stops from their closure on, which eSpeak leaves to the sound before."""
    block, quiet = int(_BLOCK_S * rate_hz), _QUIET * float(samples.std())
    moved = [marks[0]]
    for mark in marks[1:]:
        start = mark.sample
        if _VOICELESS_STOPS.intersection(to_arpabet(mark.label)):
            earliest = max(moved[-1].sample + block, mark.sample - int(_MAX_CLOSURE_S * rate_hz))
            while start - block >= earliest and samples[start - block : start].std() < quiet:
                start -= block
        moved.append(_Mark(mark.label, start))
    return moved


def _shared(phones: Sequence[str], start_s: float, end_s: float) -> Iterator[Span]:
    """Equal shares of a stretch."""
    edges = np.linspace(start_s, end_s, len(phones) + 1)
    for phone, (start, end) in zip(phones, pairwise(edges), strict=True):
        yield Span(phone, float(start), float(end))


def _word_spans(marks: Sequence[_Mark], phones: Sequence[Span], rate_hz: int) -> Iterator[Span]:
    """Words, each up to the next word or silence; those without a sound are left out."""
    starts = [mark.sample / rate_hz for mark in marks]
    silences = [phone.start_s for phone in phones if phone.label == "SIL"]
    for mark, start, following in zip(marks, starts, [*starts[1:], phones[-1].end_s], strict=True):
        end = min([following, *(silence for silence in silences if silence > start)])
        if end > start:
            yield Span(mark.label, start, end)


def to_arpabet(ipa: str) -> tuple[str, ...]:
    """Phones of a phoneme, such as `aɪɚ`: none for a pause or a mark of length."""
    phones: list[str] = []
    at = 0
    while at < len(ipa):
        size = next((n for n in (3, 2, 1) if ipa[at : at + n] in _PHONES), 0)
        if not size:
            raise CorpusError(
                f"eSpeak NG says {ipa!r}, which has no phone of ARPAbet; expected an English "
                f"voice, use one of {', '.join(ACCENTS)}"
            )
        phones += _PHONES[ipa[at : at + size]]
        at += size
    return tuple(phones)
