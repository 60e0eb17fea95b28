import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from engine_bridge.osc_bundle import BUNDLE_HEADER, encode_message, pack_bundles


@pytest.mark.parametrize(
    ("address", "arguments", "expected"),
    [
        ("/a", (), b"/a\0\0,\0\0\0"),
        ("/abc", (), b"/abc\0\0\0\0,\0\0\0"),
        ("/T", (1.5,), b"/T\0\0,f\0\0\x3f\xc0\0\0"),
        ("/O", (1, 3, 0), b"/O\0\0,iii\0\0\0\0\0\0\0\x01\0\0\0\x03\0\0\0\0"),
        ("/B", ("A", -2.0), b"/B\0\0,sf\0A\0\0\0\xc0\0\0\0"),
        ("/B", ("", 0.0), b"/B\0\0,sf\0\0\0\0\0\0\0\0\0"),
        ("/B", ("é", 0.0), b"/B\0\0,sf\0\xc3\xa9\0\0\0\0\0\0"),
    ],
)
def test_message_bytes(address, arguments, expected):
    assert encode_message(address, *arguments) == expected


def test_bundle_header_is_immediate():
    assert BUNDLE_HEADER == b"#bundle\0\0\0\0\0\0\0\0\x01"


arguments = st.lists(
    st.one_of(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
        st.integers(-(2**31), 2**31 - 1),
        st.floats(width=32, allow_nan=False),
    ),
    max_size=12,
)


@given(arguments)
def test_python_osc_reads_what_we_write(values):
    encoded = encode_message("/VMC/Ext/X", *values)
    message = OscMessage(encoded)
    assert len(encoded) % 4 == 0
    assert message.address == "/VMC/Ext/X"
    assert list(message.params) == values


@given(st.lists(arguments, min_size=1, max_size=40), st.integers(400, 1400))
def test_packing_is_greedy_ordered_and_whole(argument_lists, max_bytes):
    messages = [encode_message("/m", *values) for values in argument_lists]
    packed = pack_bundles(messages, max_bytes)
    unpacked = [list(OscBundle(datagram)) for datagram in packed.datagrams]
    assert [m.dgram for bundle in unpacked for m in bundle] == messages
    joined = b"".join(packed.datagrams)
    for message, end in zip(messages, packed.ends, strict=True):
        assert joined[end - len(message) : end] == message
    for datagram, following in zip(packed.datagrams, unpacked[1:], strict=False):
        assert len(datagram) <= max_bytes
        assert len(datagram) + 4 + len(following[0].dgram) > max_bytes


def test_a_message_that_cannot_fit_is_refused():
    with pytest.raises(ValueError, match="does not fit 64 bytes"):
        pack_bundles([encode_message("/m", "x" * 60)], 64)
