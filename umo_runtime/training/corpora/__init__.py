"""Readers of motion, speech and face data, and the two teachers that pair them."""
