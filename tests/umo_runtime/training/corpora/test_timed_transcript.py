import json
from pathlib import Path

import pytest

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.timed_transcript import (
    Alignment,
    alignment_line,
    arpabet,
    read_alignments,
)
from umo_runtime.training.corpora.utterance import Span

TIMES = Alignment((Span("up", 0.1, 0.3),), (Span("SIL", 0.0, 0.1), Span("AH", 0.1, 0.2)))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "times.jsonl"
    path.write_text(alignment_line("a", TIMES) + alignment_line("b", Alignment((), ())))
    assert read_alignments(path) == {"a": TIMES, "b": Alignment((), ())}


def test_of_several_files_the_last_counts(tmp_path: Path) -> None:
    paths = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    paths[0].write_text(alignment_line("a", Alignment((), ())) + alignment_line("b", TIMES))
    paths[1].write_text(alignment_line("a", TIMES))
    assert read_alignments(paths) == {"a": TIMES, "b": TIMES}
    assert read_alignments(()) == {}


def test_silences_are_no_words_and_variants_lose_their_number(tmp_path: Path) -> None:
    row = {"id": "a", "words": [["<sil>", 0, 1], ["And(2)", 1, 2]], "phones": [["sil", 0, 1]]}
    path = tmp_path / "times.jsonl"
    path.write_text(json.dumps(row))
    assert read_alignments(path)["a"] == ((Span("and", 1, 2),), (Span("SIL", 0, 1),))


@pytest.mark.parametrize("line", ["{broken", "{}", '{"id": "a", "words": 3, "phones": []}'])
def test_broken_line_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "times.jsonl"
    path.write_text(alignment_line("a", TIMES) + line)
    with pytest.raises(CorpusError, match="line 2 is not an alignment"):
        read_alignments(path)


def test_missing_and_damaged_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="umo align"):
        read_alignments(tmp_path / "gone.jsonl")
    damaged = tmp_path / "times.jsonl.xz"
    damaged.write_bytes(b"no xz")
    with pytest.raises(CorpusError, match="cannot read"):
        read_alignments(damaged)


def test_labels_of_aligners() -> None:
    assert [arpabet(label) for label in ("AE1", "ah", "sp", "<sil>", "")] == [
        *("AE", "AH", "SIL", "SIL", "SIL")
    ]
