from collections.abc import Sequence

import numpy as np

from actors.predictor import PredictorStage
from actors.stage import run_stage
from tests.actors.fake_networks import FakePredictor
from umo_runtime.controls import CALMNESS, Controls
from umo_runtime.types import FloatArray, IntArray, SpeechTokens


class Watching(FakePredictor):
    """Keeps what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: list[list[int]] = []
        self.text: list[list[int]] = []
        self.seeds: list[int] = []
        self.calmness: list[float] = []

    def admit(self, stream: str, seed: int = 0) -> FloatArray:
        self.seeds.append(seed)
        return super().admit(stream, seed)

    def step(
        self, streams: Sequence[str], codes: IntArray, text: IntArray, controls: FloatArray
    ) -> FloatArray:
        self.codes.append(codes[0, :, 0].tolist())
        self.text.append(text[0].tolist())
        self.calmness.append(float(controls[0, CALMNESS]))
        return super().step(streams, codes, text, controls)


def make_tokens(
    count: int, text: dict[int, tuple[int, ...]] | None = None, stream: str = "a"
) -> list[SpeechTokens]:
    """Tokens of the warm-up and `count` frames; the code of frame f is 100 + f."""
    return [
        SpeechTokens(
            stream=stream,
            frame=frame,
            codes=np.array([100 + frame, 0]),
            features=np.zeros(3, np.float32),
            text=(text or {}).get(frame, ()),
            captured_s=float(frame),
            is_last=frame == count - 1,
            controls=Controls(calmness=max(0, frame) / 16),
        )
        for frame in range(-1, count)
    ]


def test_each_keyframe_comes_one_step_ahead_of_its_codes_and_controls() -> None:
    network = Watching()
    keyframes = run_stage(PredictorStage(network), make_tokens(10))
    assert [(item.index, item.captured_s) for item in keyframes] == [
        (0, -1),
        (1, 0),
        (2, 4),
        (3, 8),
    ]
    assert network.calmness == [0, 4 / 16, 8 / 16]
    assert network.codes == [[99, 99, 99, 100], [101, 102, 103, 104], [105, 106, 107, 108]]


def test_text_of_four_frames_fills_the_slots() -> None:
    network = Watching()
    run_stage(PredictorStage(network), make_tokens(9, {1: (1, 2), 4: (3,), 5: (4,)}))
    assert network.text == [[0] * 8, [1, 2, 3, 0, 0, 0, 0, 0], [4, 0, 0, 0, 0, 0, 0, 0]]


def test_text_beyond_the_slots_waits_for_the_next_step() -> None:
    network = Watching()
    run_stage(PredictorStage(network), make_tokens(9, {0: tuple(range(1, 12))}))
    assert network.text == [[1, 2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 0, 0, 0, 0, 0], [0] * 8]


def test_seeds_belong_to_streams() -> None:
    network = Watching()
    stage = PredictorStage(network, {"b": 7})
    stage.process(make_tokens(1)[:1] + make_tokens(1, stream="b")[:1])
    assert network.seeds == [0, 7]


def test_slots_are_free_after_the_end() -> None:
    network = FakePredictor()
    run_stage(PredictorStage(network), make_tokens(10))
    assert not network.history


def test_tokens_in_flight_when_a_stream_is_reset_are_ignored() -> None:
    stage = PredictorStage(FakePredictor())
    tokens = make_tokens(10)
    stage.process(tokens[:5])
    stage.reset("a")
    stage.reset("never seen")
    assert stage.process(tokens[5:]) == []
    fresh = run_stage(PredictorStage(FakePredictor()), tokens)
    again = run_stage(stage, tokens)
    assert [item.pose.tobytes() for item in again] == [item.pose.tobytes() for item in fresh]
