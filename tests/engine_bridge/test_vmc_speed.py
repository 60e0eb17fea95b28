import timeit

import numpy as np
import pytest
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from engine_bridge.vmc_template import VmcTemplate
from tests.engine_bridge.bridge_frames import utterance
from umo_runtime.blendshapes import BLENDSHAPES
from umo_runtime.skeleton import BONES, REST_OFFSETS_M


def build_with_python_osc(frame):
    bundle = OscBundleBuilder(IMMEDIATELY)
    for name, offset, rotation in zip(BONES, REST_OFFSETS_M, frame.rotations, strict=True):
        message = OscMessageBuilder("/VMC/Ext/Bone/Pos")
        message.add_arg(name, "s")
        for value in (*offset.tolist(), *rotation.tolist()):
            message.add_arg(value, "f")
        bundle.add_content(message.build())
    for name, value in zip(BLENDSHAPES, frame.blendshapes.tolist(), strict=True):
        message = OscMessageBuilder("/VMC/Ext/Blend/Val")
        message.add_arg(name, "s")
        message.add_arg(value, "f")
        bundle.add_content(message.build())
    return bundle.build().dgram


def seconds_per_call(function, number):
    return timeit.timeit(function, number=number) / number


@pytest.mark.slow
def test_a_frame_is_built_a_hundred_times_faster_than_with_python_osc():
    frame = utterance(2)[-1]
    template = VmcTemplate()

    def patch():
        template.set_pose(frame.rotations, frame.root_position, frame.blendshapes)
        template.set_time(1.0)

    # In turns, so that a machine that slows down slows both.
    ratios = [
        seconds_per_call(lambda: build_with_python_osc(frame), 20) / seconds_per_call(patch, 1000)
        for _ in range(9)
    ]
    print(f"{np.median(ratios):.0f} times, in {min(ratios):.0f} to {max(ratios):.0f}")
    assert np.median(ratios) >= 100
