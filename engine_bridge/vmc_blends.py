"""Which expressions `/VMC/Ext/Blend/Val` carries, and under which names.

A model answers to the 52 ARKit names (Perfect Sync) or to VRM's presets; both at once would open
the mouth twice. Source: VirtualMotionCaptureProtocol v3.1, "VRM BlendShapeProxyValue".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine_bridge.vrm_presets import VRM0_PRESETS, VRM1_PRESETS, vrm_presets
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.types import FloatArray


@dataclass(frozen=True, slots=True)
class BlendProfile:
    """Names, and what they take from the face.

    Attributes:
        names: those that move, in sending order.
        zeros: sent as 0 behind them, where a receiver would otherwise keep another sender's value.
        weigh: from blendshapes [N, 52] to the values of `names`, [N, P] in 0..1.
    """

    names: tuple[str, ...]
    zeros: tuple[str, ...]
    weigh: Callable[[FloatArray], FloatArray]


def _same(blendshapes: FloatArray) -> FloatArray:
    return blendshapes


def _none(blendshapes: FloatArray) -> FloatArray:
    return blendshapes[:, :0]


_MOUTH_AND_LIDS = ("Blink", "A", "I", "U", "E", "O")
ARKIT = BlendProfile(BLENDSHAPES, _MOUTH_AND_LIDS, _same)
NO_BLENDS = BlendProfile((), (), _none)
BLEND_PROFILES: Mapping[str, BlendProfile] = MappingProxyType(
    {
        "arkit": ARKIT,
        "arkit-pascal": BlendProfile(
            tuple(name[0].upper() + name[1:] for name in BLENDSHAPES), _MOUTH_AND_LIDS, _same
        ),
        "vrm": BlendProfile(VRM0_PRESETS, ("Blink", "Fun"), vrm_presets),
        "vrm1": BlendProfile(VRM1_PRESETS, ("blink", "relaxed", "surprised"), vrm_presets),
    }
)
