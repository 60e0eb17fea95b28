"""Sparse keyframes to dense frames.

Body: Hermite plus learned residual, held in pauses, feet planted, turning speed bounded. Upper
face: keyframe expressions, gaze that jumps like a saccade, lids that follow a clock of their own.
Mouth: from the sound.
"""

import torch
from torch import Tensor, nn

from umo_runtime.blendshapes import BLENDSHAPE_INDEX, MOUTH_CHANNELS, NUM_BLENDSHAPES
from umo_runtime.config import ModelConfig
from umo_runtime.interpolator.body import BodyNetwork
from umo_runtime.interpolator.eyelids import blink
from umo_runtime.interpolator.feet import Anchors, Feet
from umo_runtime.interpolator.gaze import LID_FOLLOWS, LOOK_CHANNELS, eye_rotation, look_values
from umo_runtime.interpolator.hold import MAX_TURN_RAD_PER_S, Hold
from umo_runtime.interpolator.mouth import MouthNetwork
from umo_runtime.nn.rotation import limit_turn, matrix_from_6d, quaternion_from_matrix
from umo_runtime.skeleton import BONE_INDEX, NUM_BONES, REGION_BONES, REST_OFFSETS_M, Region
from umo_runtime.tokenizer.pose import (
    BODY_REGIONS,
    EXPRESSION_CHANNELS,
    NUM_EXPRESSIONS,
    REGION_SLICES,
    VALUE_DIMS,
)
from umo_runtime.types import FRAME_RATE_HZ

_FIRST_BLINK_S = 1.0  # a stream begins as if it had blinked a second ago
_BLINKS = (BLENDSHAPE_INDEX["eyeBlinkLeft"], BLENDSHAPE_INDEX["eyeBlinkRight"])
_LOOKS_DOWN = (BLENDSHAPE_INDEX["eyeLookDownLeft"], BLENDSHAPE_INDEX["eyeLookDownRight"])
_BODY_BONES = tuple(bone for region in BODY_REGIONS for bone in REGION_BONES[region])


class Interpolator(nn.Module):
    """One dense frame of every stream per call."""

    rest_position: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.mouth = MouthNetwork(config)
        self.body = BodyNetwork(config)
        self.feet = Feet()
        self.hold = Hold(config.audio_channels)
        self.register_buffer(
            "rest_position", torch.from_numpy(REST_OFFSETS_M[0].copy()), persistent=False
        )

    def initial_state(self, batch: int) -> tuple[Tensor, ...]:
        """Mouth context, rotations, root, ankles, foot rotations, fresh flag, voice, last blink."""
        identity = torch.tensor((0.0, 0.0, 0.0, 1.0))
        return (
            self.mouth.initial_context(batch),
            identity.expand(batch, NUM_BONES, 4).clone(),
            torch.zeros(batch, 3),
            torch.zeros(batch, 2, 3),
            identity.expand(batch, 2, 4).clone(),
            torch.ones(batch, 1),
            torch.zeros(batch, 1),
            torch.full((batch, 1), _FIRST_BLINK_S),
        )

    def forward(
        self, previous: Tensor, following: Tensor, phase: Tensor, features: Tensor, *state: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, ...]]:
        """Make one frame.

        Args:
            previous: pose of the keyframe at or before the frame, [B, P].
            following: pose of the keyframe after it, [B, P].
            phase: where the frame lies between them, [B] in 0..1.
            features: audio features of the frame, [B, F].
            state: see `initial_state`.

        Returns:
            rotations [B, 55, 4], root position [B, 3] in metres, blendshapes [B, 52] in 0..1,
            and the new state.
        """
        context, last, last_root, ankles, ankle_turns, fresh, voice, blink_s = state
        phase = phase[:, None]
        mouth, context = self.mouth(features[:, None], context)
        lids, blink_s = blink(blink_s, following[:, -1:], phase)
        blendshapes, gaze = _face(previous, following, phase, mouth[:, 0].clamp(0.0, 1.0), lids)
        values = self.body(previous, following, phase, features)
        rotations, root = self._pose(values, gaze)
        is_first = fresh > 0
        last = torch.where(is_first[..., None], rotations, last)
        voice = self.hold.hear(features, voice)
        rotations, root = self.hold(
            rotations, root, (last, torch.where(is_first, root, last_root)), voice
        )
        rotations, anchors = self.feet(rotations, root, Anchors(ankles, ankle_turns), fresh)
        limited = limit_turn(last, rotations, MAX_TURN_RAD_PER_S / FRAME_RATE_HZ)
        rotations = torch.where(is_first[..., None], rotations, limited)
        started = torch.zeros_like(fresh)
        feet = (anchors.positions, anchors.rotations)
        after = (context, rotations, root, *feet, started, voice, blink_s)
        return rotations, root, blendshapes, after

    def _pose(self, values: Tensor, gaze: Tensor) -> tuple[Tensor, Tensor]:
        """Local rotations of all bones and the hips' position from body values [B, V]."""
        lower, upper, hands = values.split([VALUE_DIMS[region] for region in BODY_REGIONS], dim=-1)
        six = torch.cat((lower[:, :-3], upper, hands), dim=-1).unflatten(-1, (-1, 6))
        solved = quaternion_from_matrix(matrix_from_6d(six))
        identity = torch.zeros_like(solved[:, :1]) + torch.tensor((0.0, 0.0, 0.0, 1.0))
        columns = [identity[:, 0]] * NUM_BONES
        for place, bone in enumerate(_BODY_BONES):
            columns[bone] = solved[:, place]
        eyes = eye_rotation(gaze)
        columns[BONE_INDEX["LeftEye"]] = columns[BONE_INDEX["RightEye"]] = eyes
        return torch.stack(columns, dim=1), lower[:, -3:] + self.rest_position


def _face(
    previous: Tensor, following: Tensor, phase: Tensor, mouth: Tensor, lids: Tensor
) -> tuple[Tensor, Tensor]:
    """Blendshapes [B, 52] and gaze [B, 2] from two poses, the mouth's values and the lids'."""
    start, end = previous[:, REGION_SLICES[Region.FACE]], following[:, REGION_SLICES[Region.FACE]]
    expressions = torch.lerp(start, end, phase)[:, :NUM_EXPRESSIONS].clamp(0.0, 1.0)
    jump = (2 * phase).clamp(max=1.0)  # a saccade is over in two frames
    gaze = torch.lerp(start, end, jump * jump * (3 - 2 * jump))[:, NUM_EXPRESSIONS:-1]
    columns = [torch.zeros_like(lids[:, 0])] * NUM_BLENDSHAPES
    for place, channel in enumerate(EXPRESSION_CHANNELS):
        columns[channel] = expressions[:, place]
    for place, channel in enumerate(MOUTH_CHANNELS):
        columns[channel] = mouth[:, place]
    look = look_values(gaze)
    for place, (channel, _, _) in enumerate(LOOK_CHANNELS):
        columns[channel] = look[:, place]
    for side, channel in enumerate(_BLINKS):
        columns[channel] = torch.maximum(lids[:, 0], LID_FOLLOWS * columns[_LOOKS_DOWN[side]])
    return torch.stack(columns, dim=-1), gaze
