import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.umo_runtime.predictor.tiny_networks import TINY, tiny_tokenizer
from umo_runtime.tokenizer.audio import AudioTokenizer
from umo_runtime.types import MEL_PER_FRAME

FRAMES = 20  # beyond the reach of every dilated convolution
TOLERANCE = 1e-5


def _windows(rows: int, frames: int = FRAMES) -> Tensor:
    generator = torch.Generator().manual_seed(rows)
    return 0.2 * torch.randn(rows, MEL_PER_FRAME * frames, 400, generator=generator)


def _streamed(tokenizer: AudioTokenizer, windows: Tensor) -> tuple[Tensor, Tensor]:
    state, codes, features = tokenizer.initial_state(len(windows)), [], []
    for frame in windows.split(MEL_PER_FRAME, dim=1):
        code, feature, state = tokenizer(frame, *state)
        codes.append(code)
        features.append(feature)
    return torch.stack(codes, dim=1), torch.stack(features, dim=1)


def test_step_by_step_equals_the_whole_utterance() -> None:
    tokenizer, windows = tiny_tokenizer(), _windows(2)
    features, _ = tokenizer.encode(windows, tokenizer.initial_state(2))
    codes = tokenizer.quantizer(tokenizer.to_code(features)).codes
    streamed_codes, streamed_features = _streamed(tokenizer, windows)
    assert features.shape == (2, FRAMES, TINY.audio_channels)
    assert codes.shape == (2, FRAMES, TINY.audio_levels)
    torch.testing.assert_close(streamed_features, features, atol=TOLERANCE, rtol=TOLERANCE)
    assert torch.equal(streamed_codes, codes)
    assert len(codes.unique()) > 4


@given(st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_encode_in_stretches_equals_encode_at_once(stretches: list[int]) -> None:
    tokenizer, windows = tiny_tokenizer(), _windows(1, sum(stretches))
    expected, _ = tokenizer.encode(windows, tokenizer.initial_state(1))
    state, parts = tokenizer.initial_state(1), []
    for stretch in windows.split([MEL_PER_FRAME * frames for frames in stretches], dim=1):
        part, state = tokenizer.encode(stretch, state)
        parts.append(part)
    torch.testing.assert_close(torch.cat(parts, dim=1), expected, atol=TOLERANCE, rtol=TOLERANCE)


def test_a_frame_depends_on_nothing_later() -> None:
    tokenizer, windows = tiny_tokenizer(), _windows(1)
    changed = windows.clone()
    changed[:, 8 * MEL_PER_FRAME :] = 0
    features, _ = tokenizer.encode(windows, tokenizer.initial_state(1))
    others, _ = tokenizer.encode(changed, tokenizer.initial_state(1))
    moved = (features - others).abs().amax(dim=2)[0]
    assert moved[:8].max() < TOLERANCE
    assert moved[8:].min() > 1e-3


def test_rows_are_independent() -> None:
    tokenizer, windows = tiny_tokenizer(), _windows(3)
    codes, features = _streamed(tokenizer, windows)
    for row in range(3):
        alone_codes, alone_features = _streamed(tokenizer, windows[row : row + 1])
        torch.testing.assert_close(features[row], alone_features[0], atol=TOLERANCE, rtol=1e-5)
        assert torch.equal(codes[row], alone_codes[0])


def test_mel_is_all_the_encoder_sees() -> None:
    tokenizer, windows = tiny_tokenizer(), _windows(1)
    state = tokenizer.initial_state(1)
    by_mel, _ = tokenizer.encode_mel(tokenizer.log_mel(windows), state)
    assert torch.equal(by_mel, tokenizer.encode(windows, state)[0])


def test_there_is_a_context_for_every_convolution() -> None:
    state = tiny_tokenizer().initial_state(3)
    assert len(state) == 2 + TINY.audio_blocks
    assert all(len(context) == 3 and not context.any() for context in state)
