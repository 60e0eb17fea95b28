"""Draws the character without a game engine: pictures for reports, tests and the README.

Needs numpy and Pillow only. The figure is a mannequin of rounded cones: its left limbs are teal,
its right limbs coral (the character's own sides); the arrow on the floor is where the hips face.
"""

from umo_runtime.stick_figure.animation import animate
from umo_runtime.stick_figure.camera import CLOSE_UP, FRONT, SIDE, THREE_QUARTER, View
from umo_runtime.stick_figure.picture import contact_sheet, draw_pose
from umo_runtime.stick_figure.report import draw_report
from umo_runtime.stick_figure.speech_page import Curve, Mark, Panel, SpeechPage, draw_speech_page

__all__ = [
    "CLOSE_UP",
    "FRONT",
    "SIDE",
    "THREE_QUARTER",
    "Curve",
    "Mark",
    "Panel",
    "SpeechPage",
    "View",
    "animate",
    "contact_sheet",
    "draw_pose",
    "draw_report",
    "draw_speech_page",
]
