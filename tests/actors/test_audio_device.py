import pytest

from actors.audio_device import AudioDevice, find_device
from umo_runtime.errors import AudioError

DEVICES = [
    AudioDevice(0, "USB Microphone", "ALSA", 1, 48_000),
    AudioDevice(3, "USB Headset", "ALSA", 2, 44_100, is_default=True),
    AudioDevice(4, "Headset", "JACK", 2, 44_100),
    AudioDevice(10, "Line 3", "ALSA", 2, 44_100),
    AudioDevice(11, "Line 4", "ALSA", 2, 44_100),
]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [(None, 3), ("0", 0), ("3", 3), ("micro", 0), ("usb head", 3), ("Headset", 4), ("line 4", 11)],
)
def test_a_device_is_its_index_its_name_or_a_part_of_it(wanted: str | None, index: int) -> None:
    assert find_device(DEVICES, wanted, "input").index == index


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("webcam", "no named 'webcam'.*0 'USB Microphone'.*3 .*4 .*10 "),
        ("line", "several named 'line'.*: 10 'Line 3' .ALSA., 11 'Line 4' .ALSA.$"),
        ("7", "no named '7'"),
    ],
)
def test_who_it_could_be_is_listed(wanted: str, reason: str) -> None:
    with pytest.raises(AudioError, match=reason):
        find_device(DEVICES, wanted, "input")


def test_what_several_host_apis_list_is_the_one_of_the_default_unless_told_otherwise() -> None:
    assert find_device(DEVICES, "headse", "input").index == 3
    assert find_device(DEVICES, "headse jack", "input").index == 4


def test_without_a_default_one_has_to_choose() -> None:
    with pytest.raises(AudioError, match=r"no default.*USB Microphone"):
        find_device(DEVICES[:1], None, "input")
    with pytest.raises(AudioError, match=r"no audio output; .* umo doctor"):
        find_device([], None, "output")
