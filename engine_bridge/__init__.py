"""From motion frames to engines and files: codecs, senders, recorders."""

from engine_bridge.frame_sink import FrameSink
from engine_bridge.output_url import OutputUrl, open_sink, parse_output_url
from engine_bridge.rate_cap import RateCap
from engine_bridge.recording import RECORDING_SUFFIXES, open_recorder
from engine_bridge.udp_transport import DatagramTransport, UdpTransport
from engine_bridge.vmc_sender import VmcSender
from engine_bridge.vmc_template import VmcTemplate

__all__ = [
    "RECORDING_SUFFIXES",
    "DatagramTransport",
    "FrameSink",
    "OutputUrl",
    "RateCap",
    "UdpTransport",
    "VmcSender",
    "VmcTemplate",
    "open_recorder",
    "open_sink",
    "parse_output_url",
]
