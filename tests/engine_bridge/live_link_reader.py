"""Live Link Face packets read field by field, as a receiver does."""

import struct
from dataclasses import dataclass

# As Unreal's EARFaceBlendShape lists them; written out, not derived from the code under test.
_ORDER = """
EyeBlinkLeft EyeLookDownLeft EyeLookInLeft EyeLookOutLeft EyeLookUpLeft EyeSquintLeft
EyeWideLeft EyeBlinkRight EyeLookDownRight EyeLookInRight EyeLookOutRight EyeLookUpRight
EyeSquintRight EyeWideRight JawForward JawLeft JawRight JawOpen MouthClose MouthFunnel
MouthPucker MouthLeft MouthRight MouthSmileLeft MouthSmileRight MouthFrownLeft MouthFrownRight
MouthDimpleLeft MouthDimpleRight MouthStretchLeft MouthStretchRight MouthRollLower
MouthRollUpper MouthShrugLower MouthShrugUpper MouthPressLeft MouthPressRight MouthLowerDownLeft
MouthLowerDownRight MouthUpperUpLeft MouthUpperUpRight BrowDownLeft BrowDownRight BrowInnerUp
BrowOuterUpLeft BrowOuterUpRight CheekPuff CheekSquintLeft CheekSquintRight NoseSneerLeft
NoseSneerRight TongueOut HeadYaw HeadPitch HeadRoll LeftEyeYaw LeftEyePitch LeftEyeRoll
RightEyeYaw RightEyePitch RightEyeRoll
"""
NAMES = tuple(_ORDER.split())


@dataclass(frozen=True)
class LiveLinkFrame:
    device: str
    subject: str
    frame: int
    sub_frame: float
    rate: tuple[int, int]
    values: dict[str, float]

    @property
    def time_s(self) -> float:
        return (self.frame + self.sub_frame) * self.rate[1] / self.rate[0]


def read_packet(packet: bytes) -> LiveLinkFrame:
    assert packet[0] == 6
    device, at = _read_string(packet, 1)
    subject, at = _read_string(packet, at)
    frame, sub_frame, *rate, count = struct.unpack_from(">ifiiB", packet, at)
    values = struct.unpack_from(">61f", packet, at + 17)
    assert (count, len(packet)) == (61, at + 17 + 4 * 61)
    # VRCFaceTracking's module reads nothing but the end.
    assert struct.unpack(">61f", packet[-244:]) == values
    return LiveLinkFrame(
        device, subject, frame, sub_frame, tuple(rate), dict(zip(NAMES, values, strict=True))
    )


def _read_string(packet: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from(">i", packet, at)
    return packet[at + 4 : at + 4 + length].decode(), at + 4 + length
