"""Runs the exported networks for many streams at once."""

from umo_runtime.engine.engine import Engine

__all__ = ["Engine"]
