"""Microphones and loudspeakers, and how a user names one."""

from collections.abc import Sequence
from dataclasses import dataclass

from umo_runtime.errors import AudioError


@dataclass(frozen=True, slots=True)
class AudioDevice:
    """One direction of a sound device.

    Attributes:
        index: PortAudio's number; it may change when something is plugged in.
        name: as the system calls it.
        host_api: the system that it belongs to, such as ALSA or Windows WASAPI.
        channels: at most, at least 1.
        rate_hz: its own sample rate.
        is_default: what the system takes unless told otherwise.
    """

    index: int
    name: str
    host_api: str
    channels: int
    rate_hz: int
    is_default: bool = False


def find_device(devices: Sequence[AudioDevice], wanted: str | None, kind: str) -> AudioDevice:
    """Choose a device.

    Args:
        devices: what there is.
        wanted: an index, a name, or words that occur in its name and host API, such as `usb
            wasapi`; None for the default. What several host APIs list is taken from that of the
            default.
        kind: what the devices are, for messages: `input` or `output`.

    Raises:
        AudioError: none is it, or several are; the message lists them.
    """
    if not devices:
        raise AudioError(f"there is no audio {kind}; plug one in, then run: umo doctor")
    found = _matching(devices, wanted)
    usual = [one for one in found if one.host_api in {d.host_api for d in devices if d.is_default}]
    for choice in (found, usual):
        if len(choice) == 1:
            return choice[0]
    asked = "no default" if wanted is None else f"{'several' if found else 'no'} named {wanted!r}"
    listed = ", ".join(f"{one.index} {one.name!r} ({one.host_api})" for one in found or devices)
    raise AudioError(f"audio {kind}: {asked}; give an index or more of a name: {listed}")


def _matching(devices: Sequence[AudioDevice], wanted: str | None) -> list[AudioDevice]:
    if wanted is None:
        return [one for one in devices if one.is_default]
    for matches in (
        [one for one in devices if wanted == str(one.index)],
        [one for one in devices if wanted == one.name],
        [one for one in devices if _has_words(one, wanted.lower().split())],
    ):
        if matches:
            return matches
    return []


def _has_words(device: AudioDevice, words: Sequence[str]) -> bool:
    text = f"{device.name} {device.host_api}".lower()
    return all(word in text for word in words)
