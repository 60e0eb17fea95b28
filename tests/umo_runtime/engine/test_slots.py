import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.engine.slots import Slots
from umo_runtime.errors import EngineError


def test_rows_are_handed_out_lowest_first_and_reused() -> None:
    slots = Slots(3)
    assert [slots.admit(name) for name in "abc"] == [0, 1, 2]
    slots.evict("b")
    slots.evict("a")
    assert len(slots) == 1
    assert slots.admit("d") == 0
    assert slots.rows(["c", "d"]).tolist() == [2, 0]


def test_rows_come_in_the_order_asked() -> None:
    slots = Slots(3)
    for name in "abc":
        slots.admit(name)
    assert slots.rows("cab").tolist() == [2, 0, 1]
    assert slots.rows(()).tolist() == []


def test_refusals_say_what_to_do_and_change_nothing() -> None:
    slots = Slots(2)
    slots.admit("a")
    with pytest.raises(EngineError, match="'a' is admitted already; evict it first"):
        slots.admit("a")
    with pytest.raises(EngineError, match="'x' is not admitted; admit it first"):
        slots.rows(["a", "x"])
    with pytest.raises(EngineError, match="'x' is not admitted"):
        slots.evict("x")
    slots.admit("b")
    with pytest.raises(EngineError, match="all 2 slots are taken; evict a stream or raise"):
        slots.admit("c")
    assert len(slots) == 2
    assert slots.rows("ab").tolist() == [0, 1]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcdef")), max_size=60))
def test_no_two_streams_ever_share_a_row(changes: list[tuple[bool, str]]) -> None:
    slots, present = Slots(4), set[str]()
    for is_admit, name in changes:
        fits = len(present) < 4 and name not in present if is_admit else name in present
        if not fits:
            with pytest.raises(EngineError):
                (slots.admit if is_admit else slots.evict)(name)
            continue
        (slots.admit if is_admit else slots.evict)(name)
        (present.add if is_admit else present.discard)(name)
        rows = slots.rows(sorted(present)).tolist()
        assert len(slots) == len(set(rows)) == len(present)
        assert set(rows) <= set(range(4))
