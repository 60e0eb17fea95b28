"""Takes kept in a file for the next stage."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.utterance import Span
from umo_runtime.training.take import Take

_TEXTS = ("name", "speaker")


def save_takes(takes: Sequence[Take], path: Path) -> None:
    """Write takes whole or not at all, uncompressed for speed."""
    arrays: dict[str, np.ndarray] = {}
    for number, take in enumerate(takes):
        for item in fields(Take):
            value = getattr(take, item.name)
            if item.name == "words":
                value = np.array([(w.label, str(w.start_s), str(w.end_s)) for w in value], np.str_)
            arrays[f"{number}.{item.name}"] = np.asarray(value)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    partial.replace(path)


def read_takes(path: Path) -> list[Take]:
    """Read what `save_takes` wrote.

    Raises:
        CorpusError: the file was written by another version.
    """
    takes = []
    with np.load(path) as arrays:
        missing = {f"0.{item.name}" for item in fields(Take)} - set(arrays.files)
        if missing:
            raise CorpusError(
                f"{path} holds takes of another version without {sorted(missing)}; delete it, it "
                "is made again"
            )
        count = 1 + max(int(name.partition(".")[0]) for name in arrays.files)
        for number in range(count):
            values = {item.name: arrays[f"{number}.{item.name}"] for item in fields(Take)}
            words = tuple(
                Span(str(label), float(start), float(end)) for label, start, end in values["words"]
            )
            texts = {name: str(values[name]) for name in _TEXTS}
            takes.append(Take(**{**values, **texts, "words": words}))
    return takes
