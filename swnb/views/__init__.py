"""Frames of the log to read: formatted, filtered, in a box that scrolls, and as text in a terminal."""

from swnb.views.view import View, view_of

__all__ = ["View", "view_of"]
