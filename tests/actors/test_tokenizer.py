import numpy as np
import pytest

from actors.stage import run_stage
from actors.tokenizer import TokenizerStage
from tests.actors.fake_networks import FakeTokenizer
from tests.actors.speech import chunked, make_samples
from umo_runtime.audio.framing import num_frames, samples_needed
from umo_runtime.controls import NEUTRAL, Controls
from umo_runtime.errors import AudioError
from umo_runtime.types import AudioChunk, FloatArray, IntArray


class Listening(FakeTokenizer):
    """Keeps the windows it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[FloatArray] = []

    def step(self, streams: list[str], windows: FloatArray) -> tuple[IntArray, FloatArray]:
        self.heard.extend(windows)
        return super().step(streams, windows)


def test_frames_run_from_the_warm_up_to_the_end() -> None:
    stage = TokenizerStage(FakeTokenizer())
    tokens = run_stage(stage, chunked(make_samples(5000), [320]))
    assert [item.frame for item in tokens] == list(range(-1, num_frames(5000)))
    assert [item.is_last for item in tokens] == [False] * (len(tokens) - 1) + [True]


def test_tokens_are_dated_by_the_chunk_that_completes_them() -> None:
    chunks = chunked(make_samples(8000), [320])
    for item in run_stage(TokenizerStage(FakeTokenizer()), chunks):
        needed = min(samples_needed(item.frame), 8000) - 1
        (chunk,) = [c for c in chunks if 0 <= max(needed, 0) - c.start_sample < len(c.samples)]
        assert item.captured_s == (chunks[-1] if item.is_last else chunk).captured_s


def test_text_goes_with_the_frame_of_its_word() -> None:
    stage = TokenizerStage(FakeTokenizer(), {"a": {0: (5, 6), 3: (7,)}})
    tokens = run_stage(stage, chunked(make_samples(5000), [320]))
    assert {item.frame: item.text for item in tokens if item.text} == {0: (5, 6), 3: (7,)}


def test_a_dropped_chunk_is_heard_as_silence_at_its_place() -> None:
    samples = make_samples(5000)
    chunks = chunked(samples, [320])
    with_hole, without = Listening(), Listening()
    run_stage(TokenizerStage(with_hole), chunks[:4] + chunks[6:])
    silenced = samples.copy()
    silenced[4 * 320 : 6 * 320] = 0
    run_stage(TokenizerStage(without), chunked(silenced, [320]))
    assert np.array_equal(with_hole.heard, without.heard)


@pytest.mark.parametrize(("change", "first"), [(0, 0), (533, 1), (534, 2), (1066, 2), (1067, 3)])
def test_a_frame_carries_the_controls_of_the_sample_at_its_time(change: int, first: int) -> None:
    told = Controls(emotion="joy")
    chunks = chunked(make_samples(5000), [320], changes={change: told})
    tokens = run_stage(TokenizerStage(FakeTokenizer()), chunks)
    carried = [item.controls == told for item in tokens if item.frame >= 0]
    assert carried == [frame >= first for frame in range(len(carried))]


def test_controls_last_over_a_dropped_chunk() -> None:
    told = Controls(calmness=0.0)
    chunks = chunked(make_samples(5000), [320], changes={0: told, 1000: NEUTRAL})
    tokens = run_stage(TokenizerStage(FakeTokenizer()), chunks[:2] + chunks[5:])
    assert [item.controls for item in tokens if item.frame * 16_000 / 30 < 1000] == [told] * 3
    assert tokens[-1].controls == NEUTRAL


def test_audio_that_goes_back_in_time_is_refused() -> None:
    chunk = AudioChunk("a", 0, make_samples(320), 0.0)
    with pytest.raises(AudioError, match="stream a goes back from sample 320 to 0"):
        TokenizerStage(FakeTokenizer()).process([chunk, chunk])


def test_a_stream_without_a_sample_makes_nothing() -> None:
    network = FakeTokenizer()
    chunk = AudioChunk("a", 0, np.zeros(0, np.float32), 0.0, is_last=True)
    assert TokenizerStage(network).process([chunk]) == []
    assert not network.history


def test_slots_are_free_after_the_end() -> None:
    network = FakeTokenizer()
    chunks = chunked(make_samples(5000), [320])
    stage = TokenizerStage(network)
    stage.process(chunks[:-1])
    assert set(network.history) == {"a"}
    stage.process(chunks[-1:])
    assert not network.history
