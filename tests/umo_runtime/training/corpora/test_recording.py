import io

import numpy as np
import pytest
import soundfile

from umo_runtime.errors import CorpusError
from umo_runtime.training.corpora.recording import decode_recording


def _file(rate_hz: int, channels: int) -> bytes:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate_hz) / rate_hz)
    stream = io.BytesIO()
    soundfile.write(stream, np.tile(tone[:, None], channels), rate_hz, format="FLAC")
    return stream.getvalue()


@pytest.mark.parametrize(("rate_hz", "channels"), [(16_000, 1), (16_000, 2), (44_100, 2)])
def test_any_rate_and_channels_become_16_khz_mono(rate_hz: int, channels: int) -> None:
    samples = decode_recording(_file(rate_hz, channels), "tone")
    assert samples.dtype == np.float32
    assert samples.shape == (16_000,)
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    np.testing.assert_allclose(samples[200:-200], expected[200:-200], atol=2e-3)


def test_garbage_is_refused_by_name() -> None:
    with pytest.raises(CorpusError, match=r"thing\.flac is not readable audio"):
        decode_recording(b"garbage", "thing.flac")
