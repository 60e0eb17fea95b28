import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge.gltf_motion import key_times, smoothen


@given(st.lists(st.floats(-10, 4000), max_size=20), st.sampled_from((24.0, 30.0, 60.0)))
def test_key_times_rise_from_zero_whatever_comes(times: list[float], fps: float) -> None:
    keys = key_times(np.array(times, np.float64), fps)
    assert keys.dtype == np.float32
    assert len(keys) == len(times)
    assert (keys >= 0).all()
    assert (np.diff(keys) > 0).all()


def test_times_that_rise_stay() -> None:
    times = np.arange(108_000) / 30
    np.testing.assert_array_equal(key_times(times, 30), times.astype(np.float32))


@given(st.integers(0, 1000), st.integers(1, 30))
def test_smoothing_changes_no_rotation(seed: int, length: int) -> None:
    random = np.random.default_rng(seed)
    rotations = random.normal(size=(length, 4)).astype(np.float32)
    rotations /= np.linalg.norm(rotations, axis=1, keepdims=True)
    smooth = (1.0005 * rotations).astype(np.float32)
    smoothen(smooth)
    np.testing.assert_allclose(np.abs((smooth * rotations).sum(axis=1)), 1, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(smooth, axis=1), 1, atol=1e-6)
    assert ((smooth[1:] * smooth[:-1]).sum(axis=1) >= 0).all()
    np.testing.assert_allclose(smooth[0], rotations[0], atol=1e-6)
