"""Other people's programs that tests run beside ours: fetched once, to a folder of the caches."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

_PATIENCE_S = 180


def npm_packages(*packages: str) -> Path:
    """The folder whose `node_modules` holds packages, each NAME@VERSION; skips without npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm; apt-get install npm")
    install = (
        npm,
        "install",
        "--loglevel=error",
        "--no-audit",
        "--ignore-scripts",
        "--omit=optional",
    )
    return _fetch(packages, (*install, "--prefix", "{folder}", *packages))


def pip_packages(*packages: str) -> Path:
    """The folder that packages, each NAME==VERSION, can be imported from; skips without them."""
    install = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps")
    return _fetch(packages, (*install, "--target", "{folder}", *packages))


def _fetch(packages: tuple[str, ...], command: tuple[str, ...]) -> Path:
    caches = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "umo-tests"
    folder = caches / "+".join(packages).replace("@", "-").replace("/", "-")
    if folder.is_dir():
        return folder
    caches.mkdir(parents=True, exist_ok=True)
    half_done = Path(tempfile.mkdtemp(dir=caches))
    try:
        reason = _failure([word.format(folder=half_done) for word in command])
        if reason:
            pytest.skip(f"{', '.join(packages)} cannot be fetched: {reason}")
        half_done.rename(folder)
    finally:
        shutil.rmtree(half_done, ignore_errors=True)
    return folder


def _failure(command: list[str]) -> str:
    """Why a command failed, empty where it did not."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not within {_PATIENCE_S} s"
    return done.stderr.strip()[-200:] or "no reason given" if done.returncode else ""
