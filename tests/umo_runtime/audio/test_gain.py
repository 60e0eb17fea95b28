import pytest
from hypothesis import given
from hypothesis import strategies as st

from umo_runtime.audio.gain import AutomaticGain


@pytest.mark.parametrize("level_db", [-45, -30, -20, -8])
def test_steady_speech_comes_to_the_target(level_db: float) -> None:
    gain = AutomaticGain()
    gains = [gain.step(level_db, True) for _ in range(600)]
    assert gains[-1] + level_db == pytest.approx(-20, abs=0.01)


def test_pauses_and_their_noise_change_nothing() -> None:
    gain = AutomaticGain()
    before = [gain.step(-30, True) for _ in range(300)][-1]
    assert {gain.step(-50, False) for _ in range(1000)} == {before}


def test_loud_and_faint_voices_have_limits() -> None:
    gain = AutomaticGain()
    assert [gain.step(-90, True) for _ in range(2000)][-1] == 30
    gain = AutomaticGain()
    assert [gain.step(3, True) for _ in range(2000)][-1] == -20


@given(st.lists(st.tuples(st.floats(-120, 3), st.booleans()), max_size=200))
def test_it_is_slow(blocks: list[tuple[float, bool]]) -> None:
    gain, last = AutomaticGain(), 0.0
    for level_db, is_voice in blocks:
        now = gain.step(level_db, is_voice)
        assert -20 <= now <= 30
        assert -0.2 - 1e-9 <= now - last <= 0.06 + 1e-9
        last = now
