"""What the stages ask of the networks. `umo_runtime.engine` implements it; tests bring tiny fakes.

Every network holds a slot per admitted stream. Rows of a batch never influence one another, a
stream appears at most once in a call, and the arrays a call returns are never written to again.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from umo_runtime.types import FloatArray, IntArray

TEXT_SLOTS = 8  # text tokens that one predictor step takes
NO_TEXT = 0  # the token of an unused slot


class TokenizerNetwork(Protocol):
    """Audio windows to tokens and features, 30 steps a second."""

    def admit(self, stream: str) -> None:
        """Give a new stream a slot with fresh state."""
        ...

    def evict(self, stream: str) -> None:
        """Free the slot."""
        ...

    def step(self, streams: Sequence[str], windows: FloatArray) -> tuple[IntArray, FloatArray]:
        """Advance each stream by one frame.

        Args:
            streams: B admitted streams.
            windows: raw samples of the frame's four mel windows, [B, 4, 400].

        Returns:
            Codes [B, Q] and features [B, F].
        """
        ...


class PredictorNetwork(Protocol):
    """Tokens to keyframe poses, 7.5 steps a second."""

    def admit(self, stream: str, seed: int) -> FloatArray:
        """Give a new stream a slot and return the pose of its keyframe 0, [P]."""
        ...

    def evict(self, stream: str) -> None:
        """Free the slot."""
        ...

    def step(
        self, streams: Sequence[str], codes: IntArray, text: IntArray, controls: FloatArray
    ) -> FloatArray:
        """Advance each stream by one keyframe.

        Args:
            streams: B admitted streams.
            codes: audio codes of the four frames up to and with the keyframe's, [B, 4, Q].
            text: text tokens since the last step, [B, 8], 0 for none.
            controls: vectors of the keyframe's frame, [B, 9] (`umo_runtime.controls`).

        Returns:
            Pose of the next keyframe, [B, P].
        """
        ...


class InterpolatorNetwork(Protocol):
    """Keyframe poses and audio features to dense frames, 30 steps a second."""

    def admit(self, stream: str) -> None:
        """Give a new stream a slot with fresh state."""
        ...

    def evict(self, stream: str) -> None:
        """Free the slot."""
        ...

    def step(
        self,
        streams: Sequence[str],
        previous: FloatArray,
        following: FloatArray,
        phase: FloatArray,
        features: FloatArray,
        controls: FloatArray,
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Make the next frame of each stream.

        Args:
            streams: B admitted streams.
            previous: pose of the keyframe at or before the frame, [B, P].
            following: pose of the keyframe after it, [B, P].
            phase: position between them, [B], 0, 0.25, 0.5 or 0.75.
            features: audio features of the frame, [B, F].
            controls: vectors of the frame, [B, 9].

        Returns:
            Rotations [B, 55, 4] xyzw, root position [B, 3] in metres, blendshapes [B, 52].
        """
        ...


class Networks(Protocol):
    """The three networks of one set of weights."""

    @property
    def tokenizer(self) -> TokenizerNetwork:
        """Audio windows to tokens."""
        ...

    @property
    def predictor(self) -> PredictorNetwork:
        """Tokens to keyframes."""
        ...

    @property
    def interpolator(self) -> InterpolatorNetwork:
        """Keyframes to frames."""
        ...


@runtime_checkable
class FusedNetworks(Protocol):
    """The three networks as one, where what goes between them stays on a device."""

    def begin(self, streams: Sequence[str], seeds: Sequence[int], windows: FloatArray) -> None:
        """Give new streams a slot each, and the sound of their warm-up frame.

        Args:
            streams: B streams that are not admitted.
            seeds: of their motion, B.
            windows: raw samples of the frame's four mel windows, [B, 4, 400].
        """
        ...

    def evict(self, stream: str) -> None:
        """Free the slot."""
        ...

    def step(
        self, streams: Sequence[str], windows: FloatArray, text: IntArray, controls: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Make the next frame of each stream.

        Args:
            streams: B admitted streams.
            windows: raw samples of the frame's four mel windows, [B, 4, 400].
            text: text tokens since the last keyframe, [B, 8], 0 for none; read where a keyframe is
                due, in every fourth frame from the first on.
            controls: vectors of the frame, [B, 9].

        Returns:
            Rotations [B, 55, 4] xyzw, root position [B, 3] in metres, blendshapes [B, 52].
        """
        ...


SpeechNetworks = Networks | FusedNetworks  # what plays characters, in three steps or in one
