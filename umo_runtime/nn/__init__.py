"""Reusable layers. Each is either stateless or hands its streaming state back to the caller."""
