"""The three networks of the graph behind typed steps."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from umo_runtime.config import NUM_REGIONS, TEXT_NAME, ModelConfig
from umo_runtime.engine.network import Network
from umo_runtime.engine.onnxruntime_backend import OnnxRuntimeBackend
from umo_runtime.engine.weights import NETWORK_NAMES, bundled_folder, load_weights
from umo_runtime.tokenizer.text import TextTokenizer
from umo_runtime.types import FloatArray, IntArray


class _Streams:
    """Streams of one network that start without anything of their own."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def admit(self, stream: str) -> None:
        """Start a stream."""
        self._network.admit(stream)

    def evict(self, stream: str) -> None:
        """End a stream."""
        self._network.evict(stream)

    def reset(self, stream: str) -> None:
        """Start a stream over."""
        self._network.reset(stream)


class TokenizerNetwork(_Streams):
    """Speech windows to audio tokens, 30 steps a second."""

    def step(self, streams: Sequence[str], windows: FloatArray) -> tuple[IntArray, FloatArray]:
        """Codes [B, Q] and features [B, F] of windows [B, 4, 400]."""
        codes, features = self._network.step(streams, windows=windows)
        return codes, features


class PredictorNetwork:
    """Audio and text tokens to the next keyframe, 7.5 steps a second.

    Randomness is the stream's own: the same seed and input give the same keyframes.
    """

    def __init__(self, network: Network, model: ModelConfig, rest_pose: FloatArray) -> None:
        self._network = network
        self._positions = NUM_REGIONS * model.motion_levels
        self._rest_pose = rest_pose
        self._seeds: dict[str, int] = {}
        self._random: dict[str, np.random.Generator] = {}

    def admit(self, stream: str, seed: int) -> FloatArray:
        """Start a stream; returns the pose [P] of its keyframe 0."""
        self._network.admit(stream)
        self._seeds[stream], self._random[stream] = seed, np.random.default_rng(seed)
        return self._rest_pose

    def evict(self, stream: str) -> None:
        """End a stream."""
        self._network.evict(stream)
        del self._seeds[stream], self._random[stream]

    def reset(self, stream: str) -> FloatArray:
        """Start a stream over; returns the pose [P] of its keyframe 0."""
        self._network.reset(stream)
        self._random[stream] = np.random.default_rng(self._seeds[stream])
        return self._rest_pose

    def step(
        self, streams: Sequence[str], codes: IntArray, text: IntArray, controls: FloatArray
    ) -> FloatArray:
        """Pose [B, P] of the next keyframe.

        Args:
            streams: B different streams.
            codes: audio codes, [B, 4, Q].
            text: text codes, [B, S].
            controls: vectors of `Controls`, [B, 9].
        """
        self._network.check(streams)  # before any stream's numbers are drawn
        uniforms = np.stack([self._random[stream].random(self._positions) for stream in streams])
        pose: FloatArray = self._network.step(
            streams,
            audio=codes,
            text=text,
            controls=controls,
            uniforms=uniforms.astype(np.float32),
        )[0]
        return pose


class InterpolatorNetwork(_Streams):
    """Keyframes and features to dense frames, 30 steps a second."""

    def step(
        self,
        streams: Sequence[str],
        previous: FloatArray,
        following: FloatArray,
        phase: FloatArray,
        features: FloatArray,
        controls: FloatArray,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Rotations [B, 55, 4], root [B, 3] and blendshapes [B, 52] between two poses [B, P].

        Args:
            streams: B different streams.
            previous: pose at or before the frame, [B, P].
            following: pose after it, [B, P].
            phase: where it lies between them, [B] in 0..1.
            features: of the sound, [B, F].
            controls: vectors of `Controls`, [B, 9].
        """
        rotations, root, blendshapes = self._network.step(
            streams,
            previous=previous,
            following=following,
            phase=phase,
            features=features,
            controls=controls,
        )
        return rotations, root, blendshapes


class Engine:
    """All networks of one set of weights, on ONNX Runtime.

    Attributes:
        model: sizes.
        text: text tokenizer.
        tokenizer: see `TokenizerNetwork`.
        predictor: see `PredictorNetwork`.
        interpolator: see `InterpolatorNetwork`.
    """

    def __init__(self, folder: Path | None = None, capacity: int = 1, threads: int = 1) -> None:
        """Load weights.

        Args:
            folder: exported networks; default: the bundled ones.
            capacity: streams at most.
            threads: CPU threads of one network step.

        Raises:
            WeightsError: the weights are missing, corrupted or of another version.
        """
        weights = load_weights(folder or bundled_folder())
        self.model = weights.model
        self.text = TextTokenizer.load(weights.folder / TEXT_NAME)
        tokenizer, predictor, interpolator = (
            Network(OnnxRuntimeBackend(weights.networks[name], capacity, threads), capacity)
            for name in NETWORK_NAMES
        )
        self.tokenizer = TokenizerNetwork(tokenizer)
        self.predictor = PredictorNetwork(predictor, weights.model, weights.rest_pose)
        self.interpolator = InterpolatorNetwork(interpolator)
