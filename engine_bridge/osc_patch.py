"""Bundles that are packed once and whose numbers are then patched in place."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine_bridge.osc_bundle import BUNDLE_HEADER, pack_bundles
from umo_runtime.types import IntArray

MAX_DATAGRAM_BYTES = 1400
MAX_MESSAGE_BYTES = MAX_DATAGRAM_BYTES - len(BUNDLE_HEADER) - 4  # its size goes before it


class PatchedBundles:
    """Datagrams of at most 1400 bytes.

    Args:
        messages: encoded, in sending order, at least one.
        copies: of all of them, one behind the other.

    Attributes:
        datagrams: views, in sending order.
        words: all of them as 32-bit floats; what is written here stands in the datagrams.
        ends: for every message of the first copy, the index of the word after its last.

    Raises:
        ValueError: a message alone does not fit.
    """

    def __init__(self, messages: Sequence[bytes], copies: int = 1) -> None:
        packed = pack_bundles(messages, MAX_DATAGRAM_BYTES)
        buffer = bytearray(b"".join(packed.datagrams) * copies)
        stops = np.cumsum([len(datagram) for datagram in packed.datagrams] * copies).tolist()
        self.datagrams: tuple[memoryview, ...] = tuple(
            memoryview(buffer)[start:stop] for start, stop in zip([0, *stops], stops, strict=False)
        )
        self.words: npt.NDArray[np.float32] = np.frombuffer(buffer, ">f4")
        self.ends: IntArray = np.array(packed.ends) // 4
