"""The stages one after another, without any runner: what holds for the graph as a whole."""

import pickle
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from actors.frame_rate import FrameRate
from actors.graph import SpeechGraph, build_graph
from actors.stage import run_stage
from tests.actors.fake_networks import FakeNetworks
from tests.actors.speech import bytes_of, chunked, make_samples
from umo_runtime.audio.framing import num_frames
from umo_runtime.controls import Controls
from umo_runtime.types import AudioChunk, MotionFrame

sizes_strategy = st.lists(st.integers(1, 4000), min_size=1, max_size=4)


def run(graph: SpeechGraph, chunks: Sequence[AudioChunk], batch: int = 1) -> list[MotionFrame]:
    tokens = run_stage(graph.tokenizer, chunks, batch)
    keyframes = run_stage(graph.predictor, tokens, batch)
    return run_stage(graph.interpolator, [*tokens, *keyframes], batch)


def fresh(chunks: Sequence[AudioChunk], fps: FrameRate = 30) -> list[MotionFrame]:
    return run(build_graph(FakeNetworks(), fps), chunks)


def of_stream(frames: Sequence[MotionFrame], stream: str) -> list[MotionFrame]:
    return [frame for frame in frames if frame.stream == stream]


@given(count=st.integers(1, 12_000), sizes=sizes_strategy, batch=st.integers(1, 20))
def test_chunks_give_the_frames_of_the_whole_bit_for_bit(
    count: int, sizes: list[int], batch: int
) -> None:
    samples = make_samples(count)
    frames = run(build_graph(FakeNetworks()), chunked(samples, sizes), batch)
    assert bytes_of(frames) == bytes_of(fresh(chunked(samples, [count])))
    assert len(frames) == num_frames(count)


@given(
    sizes=sizes_strategy,
    batch=st.integers(1, 20),
    places=st.lists(st.integers(0, 8999), max_size=3, unique=True),
)
def test_controls_act_at_their_sample_however_the_sound_is_cut(
    sizes: list[int], batch: int, places: list[int]
) -> None:
    samples = make_samples(9000)
    changes = {place: Controls(calmness=0.1 * n) for n, place in enumerate(places)}
    chunks = chunked(samples, sizes, changes=changes)
    frames = run(build_graph(FakeNetworks()), chunks, batch)
    assert bytes_of(frames) == bytes_of(fresh(chunked(samples, [9000], changes=changes)))
    plain = fresh(chunked(samples, [9000]))
    first = num_frames(min(places, default=9000))
    assert bytes_of(frames[:first]) == bytes_of(plain[:first])
    for one, other in zip(frames[first:], plain[first:], strict=True):
        assert one.rotations.tobytes() != other.rotations.tobytes()


@given(
    counts=st.tuples(st.integers(1, 8000), st.integers(1, 8000)),
    sizes=st.tuples(sizes_strategy, sizes_strategy),
    data=st.data(),
)
def test_neighbours_change_nothing(
    counts: tuple[int, int], sizes: tuple[list[int], list[int]], data: st.DataObject
) -> None:
    alone = {
        stream: chunked(make_samples(count, seed), cut, stream)
        for seed, (stream, count, cut) in enumerate(zip("ab", counts, sizes, strict=True))
    }
    waiting = {stream: list(chunks) for stream, chunks in alone.items()}
    mixed = []
    while any(waiting.values()):
        stream = data.draw(st.sampled_from([name for name in "ab" if waiting[name]]))
        mixed.append(waiting[stream].pop(0))
    networks = FakeNetworks()
    frames = run(build_graph(networks), mixed, batch=data.draw(st.integers(1, 9)))
    for stream, chunks in alone.items():
        assert bytes_of(of_stream(frames, stream)) == bytes_of(fresh(chunks))
    assert networks.num_admitted == 0


@given(before=st.integers(1, 9000), batch=st.integers(1, 9))
def test_a_reset_stream_is_as_good_as_new(before: int, batch: int) -> None:
    networks = FakeNetworks()
    graph = build_graph(networks, 60)
    run(graph, chunked(make_samples(9001, seed=1), [before])[:1], batch)
    graph.reset("a")
    assert networks.num_admitted == 0
    chunks = chunked(make_samples(5000), [320])
    assert bytes_of(run(graph, chunks, batch)) == bytes_of(fresh(chunks, 60))


def test_60_fps_keeps_the_30_fps_frames_and_doubles_them() -> None:
    chunks = chunked(make_samples(8000), [320])
    slow, fast = fresh(chunks, 30), fresh(chunks, 60)
    assert len(fast) == 2 * len(slow) - 1
    for one, other in zip(slow, fast[::2], strict=True):
        assert one.time_s == other.time_s
        assert one.rotations.tobytes() == other.rotations.tobytes()
    assert [frame.is_last for frame in fast] == [False] * (len(fast) - 1) + [True]


def test_the_seed_decides_the_motion() -> None:
    chunks = chunked(make_samples(8000), [320])
    one, same, other = (
        bytes_of(run(build_graph(FakeNetworks(), seeds={"a": seed}), chunks)) for seed in (3, 3, 4)
    )
    assert one == same != other


def test_stages_can_move_to_another_process_even_in_mid_stream() -> None:
    chunks = chunked(make_samples(8000), [320])
    graph = build_graph(FakeNetworks(), 60)
    tokens = run_stage(graph.tokenizer, chunks[:9])
    keyframes = run_stage(graph.predictor, tokens)
    frames = run_stage(graph.interpolator, [*keyframes, *tokens])
    moved: SpeechGraph = pickle.loads(pickle.dumps(graph))
    assert bytes_of(frames + run(moved, chunks[9:])) == bytes_of(fresh(chunks, 60))
