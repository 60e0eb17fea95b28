import math

from umo_runtime.evaluation.results import Results
from umo_runtime.evaluation.table import as_json, as_text, sections

RESULTS = Results(
    {
        "model": {"closures": 93.25, "jaw_r": 0.9123, "r_jawOpen": 0.9, "fgd": 1.5},
        "shut": {"closures": 100.0, "jaw_lag": math.nan},
    }
)
SEEDS = Results.over_seeds(
    {
        "model": [{"closures": 90.0, "fgd": 8.0}, {"closures": 94.0, "fgd": 9.0}],
        "still": [{"fgd": 20.0}],
    }
)


def test_every_figure_has_a_row_with_unit_and_target_in_its_section() -> None:
    text = as_text(RESULTS)
    lips, capture, body = text.split("\n\n")
    assert " ".join(lips.splitlines()[1].split()) == "closures % of P, B, M >= 90 93.2 100.0"
    assert "jaw_r" in capture and ">= 0.90" in capture and "0.912" in capture
    assert body.splitlines()[1].split() == ["fgd", "1.5"]


def test_what_cannot_be_said_is_a_dash_and_null() -> None:
    assert as_text(RESULTS).splitlines()[5].endswith("-")
    figures = as_json(RESULTS)
    assert figures["jaw_lag"]["values"] == {"shut": None}
    assert figures["closures"] == {
        "unit": "% of P, B, M",
        "target": ">= 90",
        "values": {"model": 93.25, "shut": 100.0},
    }


def test_columns_are_those_that_have_something_to_say() -> None:
    body = as_text(RESULTS).split("\n\n")[-1]
    assert body.splitlines()[0].split() == ["Body", "unit", "target", "model"]


def test_conditions_have_sections_of_their_own() -> None:
    titles = list(sections(Results({"model": {"closures+noise": 1.0, "closures": 2.0}})))
    assert titles == ["Lips, clean", "Lips, pink noise at 10 dB"]
    assert "+" not in as_text(Results({"model": {"closures+noise": 1.0}}))


def test_units_of_families_are_those_of_their_names() -> None:
    names = ("keyframes_4_mm", "keyframes_4_deg", "perplexity_face_1")
    figures = as_json(Results({"hermite": dict.fromkeys(names, 1.0)}))
    assert [figures[name]["unit"] for name in names] == ["mm", "degrees", "codes"]


def test_bodies_show_how_far_one_seed_strays() -> None:
    lips, body = as_text(SEEDS).split("\n\n")
    assert lips.splitlines()[1].split()[-1] == "92.0"
    assert body.splitlines()[1].split() == ["fgd", "8.5", "±0.71", "20"]


def test_programs_get_the_deviation_of_the_same_subjects() -> None:
    figures = as_json(SEEDS)
    assert figures["fgd"]["values"] == {"model": 8.5, "still": 20.0}
    assert figures["fgd"]["sd"] == {"model": 0.7071, "still": None}
    assert figures["closures"]["sd"] == {"model": 2.8284}
