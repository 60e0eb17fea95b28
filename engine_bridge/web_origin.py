"""Which web pages may speak to a server, by the origin that their browser tells for them.

A browser lets any page of the web open a WebSocket to this machine. Programs that are no browsers
tell no origin.
"""

import re

from umo_runtime.errors import ConfigError

_SCHEME = r"[a-z][a-z\d+.-]*://"
_ORIGIN = re.compile(rf"({_SCHEME}[^\s/?#@*]*)/?")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
LOOPBACK_ORIGIN = re.compile(
    _SCHEME + r"(([a-z\d-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?"
)


def parse_origin(url: str) -> str:
    """The origin of a page's address, as browsers write it.

    Raises:
        ConfigError: it is none.
    """
    match = _ORIGIN.fullmatch(url.lower())
    if match is None:
        raise ConfigError(
            f"--allow-origin is {url!r}; give the scheme and host of the page, such as "
            "https://example.org; pages of any origin may come with a --token"
        )
    origin = match[1]
    return origin.removesuffix(_DEFAULT_PORTS.get(origin.partition(":")[0], ""))
