"""Figures that say whether a character moves like somebody who speaks."""
