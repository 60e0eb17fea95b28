import torch

from umo_runtime.blendshapes import BLENDSHAPES, MOUTH_CHANNELS, NUM_BLENDSHAPES
from umo_runtime.interpolator.face import Face
from umo_runtime.tokenizer.pose import EXPRESSION_CHANNELS, NUM_EXPRESSIONS


def _make(
    expressions: torch.Tensor | None = None,
    mouth: torch.Tensor | None = None,
    gaze_rad: tuple[float, float] = (0.0, 0.0),
    lids: float = 0.0,
) -> dict[str, float]:
    """Channels that are not zero."""
    face = Face()(
        torch.zeros(1, NUM_EXPRESSIONS) if expressions is None else expressions,
        torch.zeros(1, len(MOUTH_CHANNELS)) if mouth is None else mouth,
        torch.tensor([gaze_rad]),
        torch.tensor([[lids]]),
    )
    assert face.shape == (1, NUM_BLENDSHAPES)
    return {name: v for name, v in zip(BLENDSHAPES, face[0].tolist(), strict=True) if v}


def test_every_channel_is_in_its_place() -> None:
    expressions = torch.arange(1, NUM_EXPRESSIONS + 1)[None] / 64
    mouth = torch.arange(1, len(MOUTH_CHANNELS) + 1)[None] / 32
    made = _make(expressions, mouth)
    expected = {
        BLENDSHAPES[c]: v for c, v in zip(EXPRESSION_CHANNELS, expressions[0].tolist(), strict=True)
    }
    expected |= {BLENDSHAPES[c]: v for c, v in zip(MOUTH_CHANNELS, mouth[0].tolist(), strict=True)}
    assert made == expected


def test_lids_close_and_come_down_with_the_gaze() -> None:
    assert _make(lids=0.7) == {"eyeBlinkLeft": 0.7, "eyeBlinkRight": 0.7} | _make(lids=0.7)
    down = _make(gaze_rad=(0.0, -0.2))
    assert down["eyeBlinkLeft"] == 0.5 * down["eyeLookDownLeft"] > 0.1
    assert _make(gaze_rad=(0.0, -0.2), lids=1.0)["eyeBlinkRight"] == 1.0
