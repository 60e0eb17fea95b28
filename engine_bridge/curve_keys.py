"""Folder of CURVE keys: `server.key`, `server.key_secret`, and two files a client in `clients/`."""

import re
from collections.abc import Sequence
from pathlib import Path

import zmq.auth

from umo_runtime.errors import OutputError

SERVER, CLIENTS = "server", "clients"
_KEY_LETTERS = 40  # Z85 of 32 bytes
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def make_keys(folder: Path, clients: Sequence[str]) -> list[Path]:
    """Make the keys that are not there yet; returns their files.

    Raises:
        OutputError: a name cannot be a file's, or the folder cannot be written to.
    """
    for name in clients:
        if not _NAME.fullmatch(name):
            raise OutputError(f"client {name!r} is no name; give letters, digits, - and _")
    made: list[Path] = []
    try:
        (folder / CLIENTS).mkdir(parents=True, exist_ok=True)
        for place, name in [(folder, SERVER), *((folder / CLIENTS, name) for name in clients)]:
            if not (place / f"{name}.key_secret").exists():
                made += map(Path, zmq.auth.create_certificates(place, name))
                (place / f"{name}.key_secret").chmod(0o600)
    except OSError as error:
        raise OutputError(f"cannot write keys to {folder} ({error.strerror})") from error
    return made


def read_key(file: Path) -> tuple[bytes, bytes | None]:
    """Public and, where the file holds it, secret key.

    Raises:
        OutputError: it is no key file.
    """
    try:
        public, secret = zmq.auth.load_certificate(file)
        if {len(key) for key in (public, secret) if key is not None} != {_KEY_LETTERS}:
            raise ValueError("a key of another length")
        return public, secret
    except (OSError, ValueError) as error:
        raise OutputError(f"{file} is no CURVE key; make keys: umo keys FOLDER") from error
