"""The whole engine: three networks, many streams that come and go."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.umo_runtime.export.tiny_bundle import TinyBundle
from tests.umo_runtime.predictor.tiny_networks import TINY
from umo_runtime.controls import EMOTIONS, STATES, Controls
from umo_runtime.engine import Engine
from umo_runtime.errors import EngineError
from umo_runtime.export.checkpoint import TrainedNetworks
from umo_runtime.nn.window_attention import write_ring
from umo_runtime.skeleton import NUM_BONES
from umo_runtime.types import FloatArray, IntArray

CAPACITY = 4
KEYFRAMES = 2 * TINY.window_steps + 2
ROW_BOUND = 1e-5  # a matrix product may add in another order for another batch size
TORCH_BOUND = 1e-4


@dataclass
class Take:
    """Everything that came out for one stream, a row per step."""

    codes: list[IntArray]
    features: list[FloatArray]
    poses: list[FloatArray]
    rotations: list[FloatArray]
    roots: list[FloatArray]
    blendshapes: list[FloatArray]

    @classmethod
    def empty(cls) -> "Take":
        return cls([], [], [], [], [], [])


def _assert_close(actual: Take, expected: Take, bound: float) -> None:
    assert len(actual.codes) == len(expected.codes) > 0
    np.testing.assert_array_equal(actual.codes, expected.codes)
    for name in ("features", "poses", "rotations", "roots", "blendshapes"):
        np.testing.assert_allclose(
            getattr(actual, name), getattr(expected, name), atol=bound, rtol=0, err_msg=name
        )


def _windows(stream: str, frame: int) -> FloatArray:
    """The sound of a stream: its own, and the same on every run."""
    random = np.random.default_rng([ord(stream[0]), frame])
    loudness = 0.3 * random.random() ** 4
    return (loudness * random.normal(size=(4, 400))).astype(np.float32)


def _text(stream: str, keyframe: int) -> IntArray:
    random = np.random.default_rng([ord(stream[0]), keyframe, 1])
    return random.integers(0, TINY.text_codes, TINY.text_slots)


def _controls(stream: str, keyframe: int, frame: int = 0) -> FloatArray:
    """What a stream is told: something else on every frame."""
    random = np.random.default_rng([ord(stream[0]), keyframe, frame, 2])
    gaze = (random.uniform(-1, 1), random.uniform(-1, 1)) if random.random() < 0.5 else None
    return Controls(
        calmness=random.random(),
        emotion=EMOTIONS[random.integers(len(EMOTIONS))],
        state=STATES[random.integers(len(STATES))],
        gaze_rad=gaze,
    ).vector()


class Player:
    """Drives an engine as the graph does: four frames to a keyframe."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.takes: dict[str, Take] = {}
        self._poses: dict[str, FloatArray] = {}
        self._steps: dict[str, int] = {}

    def admit(self, stream: str, seed: int = 0) -> None:
        self._start(stream, self.engine.predictor.admit(stream, seed))
        self.engine.tokenizer.admit(stream)
        self.engine.interpolator.admit(stream)

    def reset(self, stream: str) -> None:
        self._start(stream, self.engine.predictor.reset(stream))
        self.engine.tokenizer.reset(stream)
        self.engine.interpolator.reset(stream)

    def evict(self, stream: str) -> Take:
        for network in (self.engine.tokenizer, self.engine.predictor, self.engine.interpolator):
            network.evict(stream)
        return self.takes.pop(stream)

    def evict_all(self) -> None:
        for stream in list(self.takes):
            self.evict(stream)

    def _start(self, stream: str, pose: FloatArray) -> None:
        self.takes[stream], self._poses[stream], self._steps[stream] = Take.empty(), pose, 0

    def keyframe(self, streams: Sequence[str]) -> None:
        """Advance these streams by one keyframe and the four frames after it."""
        sound: list[tuple[IntArray, FloatArray]] = []
        for frame in range(4):
            places = [4 * self._steps[stream] + frame for stream in streams]
            windows = np.stack([_windows(s, at) for s, at in zip(streams, places, strict=True)])
            sound.append(self.engine.tokenizer.step(streams, windows))
        codes = np.stack([codes for codes, _ in sound], axis=1)
        text = np.stack([_text(stream, self._steps[stream]) for stream in streams])
        told = np.stack([_controls(stream, self._steps[stream]) for stream in streams])
        following = self.engine.predictor.step(streams, codes, text, told)
        previous = np.stack([self._poses[stream] for stream in streams])
        for frame, (_, features) in enumerate(sound):
            phase = np.full(len(streams), frame / 4, np.float32)
            told = np.stack([_controls(s, self._steps[s], frame) for s in streams])
            dense = self.engine.interpolator.step(
                streams, previous, following, phase, features, told
            )
            for row, stream in enumerate(streams):
                self._keep(stream, row, sound[frame], dense)
        for row, stream in enumerate(streams):
            self.takes[stream].poses.append(following[row])
            self._poses[stream] = following[row]
            self._steps[stream] += 1

    def _keep(
        self,
        stream: str,
        row: int,
        sound: tuple[IntArray, FloatArray],
        dense: tuple[FloatArray, FloatArray, FloatArray],
    ) -> None:
        take = self.takes[stream]
        take.codes.append(sound[0][row])
        take.features.append(sound[1][row])
        for kept, part in zip((take.rotations, take.roots, take.blendshapes), dense, strict=True):
            kept.append(part[row])


@pytest.fixture(scope="module")
def engine(bundle: TinyBundle) -> Engine:
    return Engine(bundle.folder, CAPACITY)


@pytest.fixture
def player(engine: Engine) -> Iterator[Player]:
    """An engine that has served others before, in rows that are now free."""
    player = Player(engine)
    yield player
    player.evict_all()


@pytest.fixture(scope="module")
def alone(bundle: TinyBundle) -> Callable[[str, int], Take]:
    """A stream's take on an engine of its own that never served another."""

    @functools.cache
    def play(stream: str, seed: int) -> Take:
        return _play_alone(bundle, stream, seed)

    return play


def _play_alone(bundle: TinyBundle, stream: str, seed: int) -> Take:
    player = Player(Engine(bundle.folder, capacity=1))
    player.admit(stream, seed)
    for _ in range(KEYFRAMES):
        player.keyframe([stream])
    return player.takes[stream]


def _by_torch(networks: TrainedNetworks, stream: str, seed: int) -> Take:
    """The same take from the PyTorch networks, step by step."""
    tokenizer, predictor = networks.tokenizer, networks.predictor
    rest = predictor.motion.encode(predictor.motion.rest)
    sound_state, dense_state = tokenizer.initial_state(1), networks.interpolator.initial_state(1)
    position, now, rings = torch.zeros(1, dtype=torch.int64), rest[None], predictor.initial_rings(1)
    random, previous, take = np.random.default_rng(seed), predictor.motion(rest)[None], Take.empty()
    for step in range(KEYFRAMES):
        sound = []
        for frame in range(4):
            windows = torch.from_numpy(_windows(stream, 4 * step + frame))[None]
            codes, features, sound_state = tokenizer(windows, *sound_state)
            sound.append((codes, features))
        uniforms = random.random(predictor.in_step.positions).astype(np.float32)
        following, (after, now, *written) = predictor.step(
            torch.stack([codes for codes, _ in sound], dim=1),
            torch.from_numpy(_text(stream, step))[None],
            torch.from_numpy(_controls(stream, step))[None],
            torch.from_numpy(uniforms)[None],
            position,
            now,
            *rings,
        )
        for ring, part in zip(rings, written, strict=True):
            write_ring(ring, part, position)
        position = after
        for frame, (codes, features) in enumerate(sound):
            told = torch.from_numpy(_controls(stream, step, frame))[None]
            *dense, dense_state = networks.interpolator(
                previous, following, torch.tensor([frame / 4]), features, told, *dense_state
            )
            take.codes.append(codes[0].numpy())
            take.features.append(features[0].numpy())
            for kept, part in zip(
                (take.rotations, take.roots, take.blendshapes), dense, strict=True
            ):
                kept.append(part[0].numpy())
        take.poses.append(following[0].numpy())
        previous = following
    return take


@pytest.mark.parametrize("stream", ["a", "b"])
def test_engine_equals_pytorch_step_by_step(
    bundle: TinyBundle, alone: Callable[[str, int], Take], stream: str
) -> None:
    expected = _by_torch(bundle.networks, stream, seed=7)
    _assert_close(alone(stream, 7), expected, TORCH_BOUND)
    assert np.ptp(expected.poses, axis=0).max() > 0.1  # it does move
    assert len(np.unique(expected.codes)) > 4


def test_frames_are_what_they_should_be(alone: Callable[[str, int], Take]) -> None:
    take = alone("a", 0)
    assert np.shape(take.rotations) == (4 * KEYFRAMES, NUM_BONES, 4)
    np.testing.assert_allclose(np.linalg.norm(take.rotations, axis=-1), 1, atol=1e-5)
    assert np.min(take.blendshapes) >= 0
    assert np.max(take.blendshapes) <= 1


def test_neighbours_that_come_and_go_change_nothing(
    player: Player, alone: Callable[[str, int], Take]
) -> None:
    player.admit("a", seed=1)
    for keyframe in range(KEYFRAMES):
        if keyframe == 1:
            player.admit("b", seed=2)
        if keyframe == 3:
            player.admit("c", seed=3)
        if keyframe == 5:
            player.evict("b")
        if keyframe == 6:
            player.admit("d", seed=4)  # into the row that b left
        player.keyframe(sorted(player.takes))
    _assert_close(player.takes["a"], alone("a", 1), ROW_BOUND)


@settings(max_examples=10)
@given(orders=st.lists(st.permutations(list("abc")), min_size=KEYFRAMES, max_size=KEYFRAMES))
def test_streams_may_come_in_any_order(
    orders: list[list[str]], engine: Engine, alone: Callable[[str, int], Take]
) -> None:
    player = Player(engine)
    for stream in "abc":
        player.admit(stream, seed=5)
    for order in orders:
        player.keyframe(order)
    takes = dict(player.takes)
    player.evict_all()
    for stream, take in takes.items():
        _assert_close(take, alone(stream, 5), ROW_BOUND)


def test_a_stream_that_has_nothing_to_say_is_left_as_it_is(
    player: Player, alone: Callable[[str, int], Take]
) -> None:
    for stream in "ab":
        player.admit(stream)
    for keyframe in range(KEYFRAMES):
        player.keyframe("a")
        if keyframe % 3:
            player.keyframe("b")
    for _ in range(KEYFRAMES - len(player.takes["b"].poses)):
        player.keyframe("b")
    for stream, take in player.takes.items():
        _assert_close(take, alone(stream, 0), ROW_BOUND)


def test_a_reset_stream_equals_a_fresh_one(
    player: Player, alone: Callable[[str, int], Take]
) -> None:
    for stream in "ab":
        player.admit(stream, seed=6)
    for _ in range(3):
        player.keyframe("ab")
    player.reset("a")
    for _ in range(KEYFRAMES):
        player.keyframe("ab")
    _assert_close(player.takes["a"], alone("a", 6), ROW_BOUND)


def test_a_row_used_before_equals_a_fresh_one(
    player: Player, alone: Callable[[str, int], Take]
) -> None:
    for stream in "abcd":
        player.admit(stream, seed=8)
    for _ in range(TINY.window_steps + 1):
        player.keyframe("abcd")
    player.evict("b")
    player.admit("b", seed=9)
    for _ in range(KEYFRAMES):
        player.keyframe("b")
    _assert_close(player.takes["b"], alone("b", 9), ROW_BOUND)


def test_a_seed_decides_the_motion(bundle: TinyBundle) -> None:
    first, again, other = (_play_alone(bundle, "a", seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.poses, again.poses)
    np.testing.assert_array_equal(first.rotations, again.rotations)
    np.testing.assert_array_equal(first.codes, other.codes)  # the sound is what it was
    assert np.abs(np.array(first.poses) - other.poses).max() > 0.01


def test_streams_of_equal_sound_and_other_seeds_move_apart(player: Player) -> None:
    player.admit("a1", seed=1)
    player.admit("a2", seed=2)
    player.keyframe(["a1", "a2"])
    one, two = (player.evict(stream) for stream in ("a1", "a2"))
    np.testing.assert_array_equal(one.codes, two.codes)
    assert np.abs(one.poses[0] - two.poses[0]).max() > 0.01


def test_a_refused_step_draws_no_number(player: Player, alone: Callable[[str, int], Take]) -> None:
    player.admit("a", seed=2)
    codes, text = np.zeros((2, 4, TINY.audio_levels), np.int64), np.stack([_text("a", 0)] * 2)
    with pytest.raises(EngineError, match="'x' is not admitted; admit it first"):
        player.engine.predictor.step(["a", "x"], codes, text, np.zeros((2, 9), np.float32))
    for _ in range(KEYFRAMES):
        player.keyframe("a")
    _assert_close(player.takes["a"], alone("a", 2), ROW_BOUND)


@pytest.mark.parametrize("name", ["tokenizer", "predictor", "interpolator"])
def test_every_network_keeps_its_own_slots(bundle: TinyBundle, name: str) -> None:
    network = getattr(Engine(bundle.folder, capacity=1), name)
    seed = (0,) if name == "predictor" else ()
    with pytest.raises(EngineError, match="not admitted"):
        network.evict("a")
    network.admit("a", *seed)
    with pytest.raises(EngineError, match="admitted already"):
        network.admit("a", *seed)
    with pytest.raises(EngineError, match="slots are taken"):
        network.admit("b", *seed)
    with pytest.raises(EngineError, match="not admitted"):
        network.reset("b")
    network.evict("a")
    network.admit("b", *seed)
    network.reset("b")


def test_the_engine_holds_the_sizes_and_the_vocabulary(bundle: TinyBundle) -> None:
    engine = Engine(bundle.folder)
    assert engine.model == TINY
    assert engine.text.encode("three")
    motion = bundle.networks.predictor.motion
    rest = motion(motion.encode(motion.rest))
    np.testing.assert_allclose(engine.predictor.admit("a", 0), rest, atol=1e-6)
    np.testing.assert_allclose(engine.predictor.reset("a"), rest, atol=1e-6)
