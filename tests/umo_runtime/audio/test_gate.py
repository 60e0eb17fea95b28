import pytest

from umo_runtime.audio.gate import NoiseGate
from umo_runtime.errors import ConfigError


def test_it_opens_at_once_and_shuts_200_ms_later() -> None:
    gate = NoiseGate(-40)
    assert not gate.step(-41)
    assert gate.step(-40)
    passed = [gate.step(-60) for _ in range(40)]
    assert passed == [True] * 19 + [False] * 21


@pytest.mark.parametrize("threshold_db", [1, -121, float("nan")])
def test_a_threshold_that_no_sound_has_is_refused(threshold_db: float) -> None:
    with pytest.raises(ConfigError, match="from -120 to 0"):
        NoiseGate(threshold_db)
