import torch

from tests.umo_runtime.predictor.tiny_networks import TINY, tiny_interpolator
from umo_runtime.blendshapes import MOUTH_CHANNELS

FRAMES = 12


def test_frame_by_frame_equals_the_whole_utterance() -> None:
    mouth = tiny_interpolator().mouth
    features = torch.randn(2, FRAMES, TINY.audio_channels)
    expected, _ = mouth(features, mouth.initial_context(2))
    context, frames = mouth.initial_context(2), []
    for frame in features.split(1, dim=1):
        values, context = mouth(frame, context)
        frames.append(values)
    assert expected.shape == (2, FRAMES, len(MOUTH_CHANNELS))
    torch.testing.assert_close(torch.cat(frames, dim=1), expected, atol=1e-5, rtol=1e-5)


def test_lips_follow_the_sound_and_do_not_foresee_it() -> None:
    mouth = tiny_interpolator().mouth
    features = torch.randn(1, FRAMES, TINY.audio_channels)
    changed = features.clone()
    changed[:, 5] += 1
    before, after = (mouth(x, mouth.initial_context(1))[0] for x in (features, changed))
    moved = (before - after).abs().amax(dim=2)[0] > 1e-5
    assert moved.tolist() == [frame in (5, 6, 7) for frame in range(FRAMES)]
