import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine_bridge import OutputUrl, open_sink, parse_output_url
from umo_runtime.clock import ManualClock
from umo_runtime.errors import OutputError

NAME = st.text("abcdefghijklmnopqrstuvwxyz0123456789-.", min_size=1, max_size=30)
HOST = st.one_of(NAME, st.ip_addresses().map(str))
PORT = st.integers(1, 65535)
OPTIONS = st.dictionaries(st.text("abc_", min_size=1), st.text("xyz0.=", max_size=5), max_size=4)


@pytest.mark.parametrize(
    ("url", "addresses", "options"),
    [
        ("vmc://127.0.0.1:39539", [("127.0.0.1", 39539)], {}),
        ("VMC://pc:1/", [("pc", 1)], {}),
        ("vmc://[::1]:65535", [("::1", 65535)], {}),
        ("vmc://a:1,[fe80::1]:2,b:3", [("a", 1), ("fe80::1", 2), ("b", 3)], {}),
        ("vmc://a:1?fingers=false&fps=30", [("a", 1)], {"fingers": "false", "fps": "30"}),
        ("vmc://a:1?", [("a", 1)], {}),
    ],
)
def test_addresses(url, addresses, options):
    assert parse_output_url(url) == OutputUrl("vmc", tuple(addresses), options)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "ndi://a:1",
            "unknown output 'ndi://a:1'; known schemes: vmc, livelink, osc; example: vmc:",
        ),
        ("127.0.0.1:39539", "known schemes: vmc"),
        ("", "known schemes: vmc"),
        ("vmc:/a:1", "known schemes: vmc"),
        ("vmc://a", "no port in 'vmc://a'; write HOST:PORT"),
        ("vmc://", "no port"),
        ("vmc://::1", "no port"),
        ("vmc://[::1]", "no port"),
        ("vmc://a:", "port '' in 'vmc://a:' is not a number from 1 to 65535"),
        ("vmc://a:0", "port '0'"),
        ("vmc://a:65536", "port '65536'"),
        ("vmc://a:-1", "port '-1'"),
        ("vmc://a:1.5", "port '1.5'"),
        ("vmc://a:٣", "port '٣'"),
        ("vmc://a:" + "9" * 5000, "is not a number from 1 to 65535"),
        ("vmc://a:1/path", "port '1/path'"),
        ("vmc://:1", "host ''"),
        ("vmc://me@a:1", "host 'me@a'"),
        ("vmc://a b:1", "host 'a b'"),
        ("vmc://a\n:1", "is not a host name"),
        ("vmc://a:1,,b:2", "no port"),
        ("vmc://a:1?fingers", "option 'fingers' in"),
        ("vmc://a:1?=x", "option '=x'"),
        ("vmc://a:1?fps=1&fps=2", "each name once"),
    ],
)
def test_malformed(url, message):
    with pytest.raises(OutputError) as caught:
        parse_output_url(url)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_host_that_does_not_resolve():
    with pytest.raises(OutputError, match=r"host 'nobody\.invalid' cannot be found"):
        open_sink("vmc://nobody.invalid:39539", ManualClock())


@given(st.lists(st.tuples(HOST, PORT), min_size=1, max_size=4), OPTIONS)
def test_text_round_trip(addresses, options):
    url = OutputUrl("vmc", tuple(addresses), options)
    assert parse_output_url(str(url)) == url


@given(st.text(max_size=40).map("vmc://{}".format) | st.text(max_size=40))
def test_any_text_is_parsed_or_refused_in_one_line(text):
    try:
        url = parse_output_url(text)
    except OutputError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert all(1 <= port <= 65535 for _, port in url.addresses)
