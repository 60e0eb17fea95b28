"""The tiny networks as one: what a device does in a step, done in a row."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from actors.networks import NO_TEXT
from tests.actors.fake_networks import FakeNetworks
from umo_runtime.types import FRAMES_PER_KEYFRAME, FloatArray, IntArray


@dataclass
class FakeFused:
    """Lives up to the contract of `actors.networks.FusedNetworks`."""

    networks: FakeNetworks = field(default_factory=FakeNetworks)
    codes: dict[str, list[IntArray]] = field(default_factory=dict)
    keyframes: dict[str, list[FloatArray]] = field(default_factory=dict)
    frames: dict[str, int] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)

    @property
    def num_admitted(self) -> int:
        return self.networks.num_admitted

    def begin(self, streams: Sequence[str], seeds: Sequence[int], windows: FloatArray) -> None:
        for row, (stream, seed) in enumerate(zip(streams, seeds, strict=True)):
            self.networks.tokenizer.admit(stream)
            self.networks.interpolator.admit(stream)
            rest = self.networks.predictor.admit(stream, seed)
            codes, _ = self.networks.tokenizer.step([stream], windows[row : row + 1])
            self.codes[stream] = [codes[0]] * FRAMES_PER_KEYFRAME
            self.keyframes[stream], self.frames[stream] = [rest, rest], 0

    def evict(self, stream: str) -> None:
        networks = self.networks
        for network in (networks.tokenizer, networks.predictor, networks.interpolator):
            network.evict(stream)
        del self.frames[stream]

    def step(
        self, streams: Sequence[str], windows: FloatArray, text: IntArray, controls: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        self.sizes.append(len(streams))
        rows = [
            self._play(stream, *(part[row : row + 1] for part in (windows, text, controls)))
            for row, stream in enumerate(streams)
        ]
        rotations, root, blendshapes = map(np.concatenate, zip(*rows, strict=True))
        return rotations, root, blendshapes

    def _play(
        self, stream: str, windows: FloatArray, text: IntArray, controls: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        codes, features = self.networks.tokenizer.step([stream], windows)
        self.codes[stream] = [*self.codes[stream][1:], codes[0]]
        turn = self.frames[stream] % FRAMES_PER_KEYFRAME
        if turn == 0:
            heard = np.stack(self.codes[stream])[None]
            pose = self.networks.predictor.step([stream], heard, text, controls)[0]
            self.keyframes[stream] = [self.keyframes[stream][1], pose]
        else:
            assert (text == NO_TEXT).all(), "words would be lost between keyframes"
        self.frames[stream] += 1
        before, after = (pose[None] for pose in self.keyframes[stream])
        phase = np.array([turn / FRAMES_PER_KEYFRAME], np.float32)
        return self.networks.interpolator.step([stream], before, after, phase, features, controls)
