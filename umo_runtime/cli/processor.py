"""The processor's name, to stand beside a measurement."""

import platform
from pathlib import Path


def processor() -> str:
    """What the system calls it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
