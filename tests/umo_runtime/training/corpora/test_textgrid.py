from pathlib import Path

import pytest

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.textgrid import read_textgrid
from umo_runtime.training.corpora.utterance import Span

LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 1.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "TextTier"
        name = "clicks"
        xmin = 0
        xmax = 1.5
        points: size = 1
        points [1]:
            number = 0.7
            mark = "click"
    item [2]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 1.5
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = ""
        intervals [2]:
            xmin = 0.5
            xmax = 1.5
            text = "say ""12"" 3"
"""
SHORT = """File type = "ooTextFile"
"TextGrid"

0
1.5
<exists>
1
"IntervalTier"
"words"
0
1.5
2
0
0.5
""
0.5
1.5
"say ""12"" 3"
"""


@pytest.mark.parametrize("text", [LONG, SHORT], ids=["long", "short"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_both_forms_and_encodings_read_alike(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text(text, encoding=encoding)
    expected = (Span("", 0.0, 0.5), Span('say "12" 3', 0.5, 1.5))
    assert read_textgrid(path) == {"words": expected}


@pytest.mark.parametrize("text", ["", "garbage", '"ooTextFile" "Pitch"', LONG[:-60], SHORT[:-30]])
def test_truncated_and_foreign_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text(text)
    with pytest.raises(CorpusError, match="is not a TextGrid"):
        read_textgrid(path)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="is not a TextGrid"):
        read_textgrid(tmp_path / "none.TextGrid")
