"""The fused stage makes the frames that the three stages make in a row."""

from hypothesis import given
from hypothesis import strategies as st

from actors.frame_rate import FrameRate
from actors.fused import FusedStage
from actors.graph import build_graph
from actors.stage import run_stage
from tests.actors.fake_fused import FakeFused
from tests.actors.fake_networks import FakeNetworks
from tests.actors.speech import bytes_of, chunked, make_samples
from tests.actors.test_graph import of_stream, run, sizes_strategy
from umo_runtime.controls import Controls

TEXT = {"a": {-1: (5,), 1: tuple(range(1, 12)), 8: (7, 8)}}
SEEDS = {"a": 3}
CHANGES = {4000: Controls(calmness=0.9)}


@given(count=st.integers(1, 9000), sizes=sizes_strategy, batch=st.integers(1, 20))
def test_frames_equal_those_of_three_stages(count: int, sizes: list[int], batch: int) -> None:
    chunks = chunked(make_samples(count), sizes, changes=CHANGES)
    stage = FusedStage(FakeFused(), seeds=SEEDS, text=TEXT)
    expected = run(build_graph(FakeNetworks(), seeds=SEEDS, text=TEXT), chunks)
    assert bytes_of(run_stage(stage, chunks, batch)) == bytes_of(expected)


@given(fps=st.sampled_from([30, 60]), sizes=sizes_strategy)
def test_streams_do_not_touch_and_leave_nothing_behind(fps: FrameRate, sizes: list[int]) -> None:
    ones = chunked(make_samples(5000, seed=1), sizes, "a")
    others = chunked(make_samples(7000, seed=2), [700], "b")
    longest = max(len(ones), len(others))
    mixed = [part[at] for at in range(longest) for part in (ones, others) if at < len(part)]
    networks = FakeFused()
    frames = run_stage(FusedStage(networks, fps), mixed, 6)
    for stream, chunks in (("a", ones), ("b", others)):
        alone = run(build_graph(FakeNetworks(), fps), chunks)
        assert bytes_of(of_stream(frames, stream)) == bytes_of(alone)
    assert networks.networks.num_admitted == 0


def test_streams_are_played_in_one_batch() -> None:
    chunks = [chunk for n in range(5) for chunk in chunked(make_samples(1700, n), [1700], f"{n}")]
    networks = FakeFused()
    FusedStage(networks).process(chunks)
    assert set(networks.sizes) == {5}


def test_a_stream_begins_anew_after_a_reset() -> None:
    chunks, networks = chunked(make_samples(6000), [640]), FakeFused()
    stage = FusedStage(networks)
    run_stage(stage, chunks[:5])
    stage.reset("a")
    stage.reset("unknown")
    assert networks.networks.num_admitted == 0
    assert bytes_of(run_stage(stage, chunks)) == bytes_of(
        run_stage(FusedStage(FakeFused()), chunks)
    )


def test_a_stream_without_sound_makes_no_frame() -> None:
    networks = FakeFused()
    assert FusedStage(networks).process(chunked(make_samples(0), [1])) == []
    assert networks.networks.num_admitted == 0
