import pytest

from engine_bridge.web_origin import LOOPBACK_ORIGIN, parse_origin
from umo_runtime.errors import ConfigError


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost",
        "https://localhost:8080",
        "http://viewer.localhost:3000",
        "http://127.0.0.1:5173",
        "http://127.8.8.8",
        "http://[::1]:8000",
        "tauri://localhost",
    ],
)
def test_pages_of_this_machine(origin: str) -> None:
    assert LOOPBACK_ORIGIN.fullmatch(origin)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "file://",
        "http://example.org",
        "http://localhost.example.org",
        "http://evillocalhost",
        "http://127.0.0.1.example.org",
        "http://127.example.org",
        "http://example.org/localhost",
        "http://user@localhost",
        "http://localhost:80@example.org",
        "http://[::1].example.org",
        "http://192.168.1.5:8080",
        "http://localhost\n",
    ],
)
def test_pages_of_elsewhere(origin: str) -> None:
    assert not LOOPBACK_ORIGIN.fullmatch(origin)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://example.org", "https://example.org"),
        ("HTTPS://Example.org:8443/", "https://example.org:8443"),
        ("https://example.org:443", "https://example.org"),
        ("http://[fe80::1]:80", "http://[fe80::1]"),
        ("file://", "file://"),
        ("app://game", "app://game"),
    ],
)
def test_origins_are_written_as_browsers_do(url: str, origin: str) -> None:
    assert parse_origin(url) == origin


@pytest.mark.parametrize(
    "url", ["", "*", "null", "example.org", "https://example.org/game", "https://*.example.org"]
)
def test_what_is_no_origin_is_one_line(url: str) -> None:
    with pytest.raises(ConfigError, match="give the scheme and host of the page") as caught:
        parse_origin(url)
    assert "\n" not in str(caught.value)
