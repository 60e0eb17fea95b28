from typing import Any

import numpy as np
import pytest

pytest.importorskip("nvidia_audio2face_3d")

from nvidia_audio2face_3d.messages_pb2 import A2F3DAnimationDataStream, AudioWithEmotionStream

from engine_bridge.a2f.call import Call
from engine_bridge.wire import frame_message
from engine_bridge.wire_messages import Audio, Control, End, Ended, Open, Opened, Refusal, Welcome
from tests.engine_bridge.a2f.requests import END, audio, clip_header, emotion, header
from tests.engine_bridge.bridge_frames import utterance
from umo_runtime.errors import ServiceError

SECOND = np.arange(16_000, dtype="<i2").tobytes()
POSE = utterance(1)[0]


class World:
    """A call, what it told the server and what it answered."""

    def __init__(self, seed: int | None = None) -> None:
        self.told: list[Any] = []
        self.answers: list[bytes | None] = []
        self.call = Call("a2f 1", seed, self.told.append, self.answers.append, lambda: 1000.5)

    def take(self, *requests: AudioWithEmotionStream) -> None:
        for request in requests:
            self.call.take(request.SerializeToString())
            self.call.feed()

    def show(self, pts_s: float, segment: int = 1) -> None:
        self.call.show(frame_message(POSE, 0, segment, pts_s))
        self.call.feed()

    @property
    def parts(self) -> list[Any]:
        return [A2F3DAnimationDataStream.FromString(answer) for answer in self.answers if answer]

    @property
    def num_told(self) -> int:
        """Samples that the server has."""
        return sum(len(message.payload) // 2 for message in self.told if type(message) is Audio)


def test_the_header_is_answered_before_any_audio_and_costs_the_server_nothing() -> None:
    world = World()
    world.take(header())
    assert world.parts[0].animation_data_stream_header.start_time_code_since_epoch == 1000.5
    assert world.told == []


def test_a_clip_opens_a_character_is_fed_a_little_ahead_of_its_frames_and_ends() -> None:
    world = World(seed=3)
    world.take(header(), audio(SECOND), END)
    assert world.told[0] == Open("a2f 1", 16_000, "s16", 3)
    assert world.num_told == 8000
    world.show(0.0)
    assert world.num_told == 8000
    world.show(0.4)
    assert world.num_told == 14_400
    world.show(0.6)
    assert world.told[-1] == End("a2f 1", 1)
    assert b"".join(m.payload for m in world.told if type(m) is Audio) == SECOND
    world.show(0.9)
    assert world.told.count(End("a2f 1", 1)) == 1


def test_audio_goes_back_with_frames_and_what_is_left_at_the_end() -> None:
    world = World()
    world.take(header(), audio(SECOND), END)
    for pts_s in (0.0, 1 / 30, 0.5, 0.6):
        world.show(pts_s)
    world.show(0.7, segment=0)  # in which it only lives
    world.call.show(Ended("a2f 1", 1, 1.0))
    data = [part.animation_data for part in world.parts if part.HasField("animation_data")]
    assert b"".join(each.audio.audio_buffer for each in data) == SECOND
    codes = [each.audio.time_code for each in data]
    assert codes == pytest.approx([0, 533 / 16_000, 1067 / 16_000, 8533 / 16_000, 10_133 / 16_000])
    assert [each.HasField("skel_animation") for each in data] == [True] * 4 + [False]
    assert [part.WhichOneof("stream_part") for part in world.parts[-2:]] == ["event", "status"]
    assert world.answers[-1] is None
    assert world.parts[-1].status.message == "1.000 s of audio were animated"


def test_an_emotion_is_told_between_the_samples_where_it_begins() -> None:
    world = World()
    cues = [emotion(0.3, anger=1.0), emotion(0.0, joy=0.5), emotion(7.0, grief=1.0)]
    world.take(header(), audio(SECOND, cues))
    assert world.num_told == 4800
    world.show(0.04)
    assert world.num_told == 4800
    world.show(0.06)
    assert world.num_told > 4800
    kinds = [(type(message), getattr(message, "emotion", None)) for message in world.told]
    where = [kind[0] for kind in kinds].index
    assert kinds[where(Open) + 1] == (Control, "joy")
    before = world.told[: kinds.index((Control, "anger"))]
    assert sum(len(message.payload) for message in before if type(message) is Audio) == 4800 * 2
    assert (Control, "sadness") not in kinds
    world.take(audio(SECOND, [emotion(0.1, sadness=1.0)]))  # late: from now on
    world.show(0.5)
    assert Control("a2f 1", emotion="sadness", intensity=0.6) in world.told


def test_reading_stops_where_too_much_was_not_answered() -> None:
    world = World()
    world.take(header(rate_hz=8000))
    for _ in range(150):
        assert not world.call.is_full
        world.take(audio(bytes(32_000)))
    world.take(audio(bytes(2)))
    assert world.call.is_full
    world.show(1.0)
    assert not world.call.is_full


def test_other_messages_of_the_server_are_none_of_the_clients_business() -> None:
    world = World()
    for message in (Welcome("x", 1, 1, 1.0, [], []), Opened("a2f 1")):
        world.call.show(message)
    assert world.answers == []
    with pytest.raises(ServiceError, match="all 4 are taken") as refused:
        world.call.show(Refusal("full", "all 4 are taken"))
    assert refused.value.code == "full"


ODD = audio(b"abc")
BOTH = header()
BOTH.audio_stream_header.CopyFrom(clip_header(rate_hz=0))


@pytest.mark.parametrize(
    ("requests", "told"),
    [
        ([audio(SECOND)], "audio_with_emotion came; audio_stream_header is due"),
        ([END], "end_of_audio came; audio_stream_header is due"),
        ([AudioWithEmotionStream()], "an empty message came; audio_stream_header is due"),
        ([header(), header()], "audio_stream_header came; audio is due"),
        ([header(), AudioWithEmotionStream()], "an empty message came; audio is due"),
        ([header(), END], "no audio came; send a header, audio and end_of_audio"),
        ([header(), audio(b""), END], "no audio came"),
        ([header(), audio(b"ab"), END, audio(b"ab")], "audio_with_emotion came after end_of_audio"),
        ([header(), audio(b"ab"), END, END], "end_of_audio came after end_of_audio"),
        ([header(), ODD], "3 bytes are no whole samples; cut between them"),
        ([BOTH], "samples_per_second is 0"),
        ([header(), audio(b"ab", [emotion(0, joy=9.0)])], "joy is 9; give a number from 0 to 1"),
    ],
)
def test_what_is_wrong_is_refused_in_one_line(
    requests: list[AudioWithEmotionStream], told: str
) -> None:
    world = World()
    world.take(*requests[:-1])
    with pytest.raises(ServiceError, match=told) as refused:
        world.take(requests[-1])
    assert refused.value.code == "value"
    assert "\n" not in str(refused.value)


def test_bytes_that_are_no_message() -> None:
    with pytest.raises(ServiceError, match="no AudioWithEmotionStream"):
        World().call.take(b"\xff\xff\xff")


def test_too_many_emotions() -> None:
    world = World()
    world.take(header(), audio(b"ab", [emotion(n, joy=1.0) for n in range(1, 1001)]))
    with pytest.raises(ServiceError, match="1000 emotions wait already") as refused:
        world.take(audio(b"ab", [emotion(1, joy=1.0)]))
    assert refused.value.code == "busy"
