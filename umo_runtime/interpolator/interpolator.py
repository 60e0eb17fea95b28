"""Sparse keyframes to dense frames.

Body: Hermite curves, scaled by calmness, held in pauses, feet planted, turning speed
bounded, limbs with inertia. Upper face: keyframe expressions, gaze that jumps like a saccade, lids
that follow a clock of their own. Mouth: from the sound, lips that touch. Then what the character is
told: mood, role and gaze target. With neutral controls these layers add exactly nothing.
"""

import torch
from torch import Tensor, nn

from umo_runtime.config import ModelConfig
from umo_runtime.controls import CONTROL_DIM, IDLE, LISTENING
from umo_runtime.interpolator.attention import Attention, Look
from umo_runtime.interpolator.body import BODY_DIM, hermite
from umo_runtime.interpolator.calmness import scale_motion
from umo_runtime.interpolator.easing import Easing
from umo_runtime.interpolator.expression import Expression
from umo_runtime.interpolator.eyelids import blink
from umo_runtime.interpolator.face import Face, face_between
from umo_runtime.interpolator.feet import Anchors, Feet
from umo_runtime.interpolator.gaze import eye_rotation
from umo_runtime.interpolator.hold import Hold
from umo_runtime.interpolator.inertia import Inertia, make_up
from umo_runtime.interpolator.lip_contact import LipContact
from umo_runtime.interpolator.mouth import MouthNetwork
from umo_runtime.interpolator.mouth_rest import rest
from umo_runtime.interpolator.quaternion_algebra import QuaternionAlgebra, turn_towards, unit
from umo_runtime.skeleton import (
    BONE_INDEX,
    NUM_BONES,
    REGION_BONES,
    REST_OFFSETS_M,
    UPPER_BODY_BONES,
    Region,
)
from umo_runtime.tokenizer.pose import BODY_REGIONS, VALUE_DIMS

_FIRST_BLINK_S = 1.0  # a stream begins as if it had blinked a second ago
_NECK, _HEAD = BONE_INDEX["Neck"], BONE_INDEX["Head"]
# Trunk, arms and hands, which lie side by side: what has inertia. Hips sway and feet are planted.
_LIMBS = slice(UPPER_BODY_BONES[0], REGION_BONES[Region.HANDS][-1] + 1)


class Interpolator(nn.Module):
    """One dense frame of every stream per call."""

    rest_position: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.mouth = MouthNetwork(config)
        self.contact = LipContact()
        self.feet = Feet()
        self.hold = Hold(config.audio_channels)
        self.face = Face()
        self.easing = Easing()
        self.inertia = Inertia(range(NUM_BONES)[_LIMBS])
        self.expression = Expression()
        self.attention = Attention()
        self.algebra = QuaternionAlgebra()
        rest_position = torch.from_numpy(REST_OFFSETS_M[0].copy())
        self.register_buffer("rest_position", rest_position, persistent=False)

    def initial_state(self, batch: int) -> tuple[Tensor, ...]:
        """Fresh flag first, then what the layers hand on from frame to frame; see `forward`."""
        zeros, identity = self.rest_position.new_zeros, self.algebra.identity
        return (
            zeros(batch, 1) + 1,
            self.mouth.initial_context(batch),
            identity.expand(batch, NUM_BONES, 4).clone(),
            zeros(batch, 3),
            zeros(batch, 2, 3),
            identity.expand(batch, 2, 4).clone(),
            zeros(batch, 1),
            zeros(batch, 1) + _FIRST_BLINK_S,
            zeros(batch, CONTROL_DIM),
            zeros(batch, 2, 2),
            zeros(batch, BODY_DIM),
            identity.expand(batch, NUM_BONES, 4)[:, _LIMBS] * 0,
            zeros(batch, 1),
        )

    def forward(
        self,
        previous: Tensor,
        following: Tensor,
        phase: Tensor,
        features: Tensor,
        controls: Tensor,
        *state: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, ...]]:
        """Make one frame.

        Args:
            previous: pose of the keyframe at or before the frame, [B, P].
            following: pose of the keyframe after it, [B, P].
            phase: where the frame lies between them, [B] in 0..1.
            features: audio features of the frame, [B, F].
            controls: what the character is told, [B, CONTROL_DIM].
            state: of the frame before, see `initial_state`.

        Returns:
            rotations [B, 55, 4], root position [B, 3] in metres, blendshapes [B, 52] in 0..1,
            and the new state.
        """
        fresh, context, last, last_root, ankles, ankle_turns, voice, blink_s, *layers = state
        told, turn, start, limb_speed, resting = layers
        is_first, phase = fresh > 0, phase[:, None]
        told = self.easing(controls, told, is_first)
        speaks = 1 - (told[:, LISTENING, None] + told[:, IDLE, None])

        values = hermite(previous, following, phase)
        start = torch.where(is_first, values, start)
        bones, root = self._body_bones(scale_motion(make_up(values, start), start, told))
        expressions, gaze_rad = face_between(previous, following, phase)
        own = Look(bones[:, _NECK], bones[:, _HEAD], gaze_rad)
        look, turn = self.attention(own, told, turn, is_first)

        said = self.hold.said(features)
        voice = self.hold.hear(said, voice)
        drive = torch.maximum(voice, 1 - speaks)  # who only listens does not hold in silence
        hips = torch.where(is_first, bones[:, 0], last[:, 0])
        last_root = torch.where(is_first, root, last_root)
        hips, root = self.hold.sway(bones[:, 0], root, (hips, last_root), drive)
        rotations = _assemble(bones, hips, look, self.algebra.identity)
        rotations, anchors = self.feet(rotations, root, Anchors(ankles, ankle_turns), fresh)
        last = torch.where(is_first[..., None], rotations, last)
        rotations = turn_towards(last, rotations, self.hold.most_turn_rad(drive))
        limb_speed = torch.where(is_first[..., None], torch.zeros_like(limb_speed), limb_speed)
        limbs, limb_speed = self.inertia(rotations[:, _LIMBS], last[:, _LIMBS], limb_speed)
        others = rotations[:, : _LIMBS.start], rotations[:, _LIMBS.stop :]
        rotations = torch.cat((others[0], unit(limbs), others[1]), dim=1)

        mouth, context = self.mouth(features[:, None], context)
        lids, blink_s = blink(blink_s, following[:, -1:], phase)
        mouth = self.contact(mouth[:, 0], said).clamp(0.0, 1.0)
        mouth, resting = rest(speaks * mouth, said, torch.where(is_first, 1.0, resting))
        blendshapes = self.expression(self.face(expressions, mouth, look.gaze_rad, lids), told)
        feet = (anchors.positions, anchors.rotations)
        layers = [told, turn, start, limb_speed, resting]
        state = (torch.zeros_like(fresh), context, rotations, root, *feet, voice, blink_s, *layers)
        return rotations, root, blendshapes, state

    def _body_bones(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Local rotations [B, 52, 4] of all but the face and the hips' position from [B, V]."""
        trunk, arms, hands = values.split([VALUE_DIMS[region] for region in BODY_REGIONS], dim=-1)
        six = torch.cat((trunk[:, :-3], arms, hands), dim=-1).unflatten(-1, (-1, 6))
        return self.algebra.from_six(six), trunk[:, -3:] + self.rest_position


def _assemble(bones: Tensor, hips: Tensor, look: Look, identity: Tensor) -> Tensor:
    """All 55 rotations: the face's bones come last, and neck and head are neighbours."""
    eye = eye_rotation(look.gaze_rad)
    jaw = identity.expand(bones.shape[0], 4)
    parts = (
        hips[:, None],
        bones[:, 1:_NECK],
        look.neck[:, None],
        look.head[:, None],
        bones[:, _HEAD + 1 :],
        torch.stack((eye, eye, jaw), dim=1),
    )
    return torch.cat(parts, dim=1)
