"""The stages of the speech graph, built from a set of networks."""

from collections.abc import Mapping
from dataclasses import dataclass

from actors.frame_rate import FrameRate
from actors.framer import PlacedText
from actors.interpolator import InterpolatorStage
from actors.networks import Networks
from actors.predictor import PredictorStage
from actors.stage import Stage
from actors.tokenizer import TokenizerStage
from umo_runtime.types import AudioChunk, Keyframe, MotionFrame, SpeechTokens


@dataclass(frozen=True, slots=True)
class SpeechGraph:
    """Tokens go to the predictor and the interpolator; keyframes join them at the interpolator."""

    tokenizer: Stage[AudioChunk, SpeechTokens]
    predictor: Stage[SpeechTokens, Keyframe]
    interpolator: Stage[SpeechTokens | Keyframe, MotionFrame]

    def reset(self, stream: str) -> None:
        """Forget a stream in every stage."""
        self.tokenizer.reset(stream)
        self.predictor.reset(stream)
        self.interpolator.reset(stream)


def build_graph(
    networks: Networks,
    fps: FrameRate = 30,
    seeds: Mapping[str, int] | None = None,
    text: Mapping[str, PlacedText] | None = None,
) -> SpeechGraph:
    """Put the stages around networks.

    Args:
        networks: tokenizer, predictor and interpolator of one set of weights.
        fps: output rate, 30 or 60.
        seeds: seed of the motion by stream; 0 for those not named.
        text: text tokens by the frame their word starts in, by stream; optional.
    """
    return SpeechGraph(
        TokenizerStage(networks.tokenizer, text),
        PredictorStage(networks.predictor, seeds),
        InterpolatorStage(networks.interpolator, fps),
    )
