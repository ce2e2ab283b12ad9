"""ipywidgets inputs that never send typed text back to the page.

ipywidgets echoes each value to the front ends. Typed text may be a secret, so these inputs turn the
echo off: the kernel receives the value, and only a field decides what the page shows.
"""

from __future__ import annotations

import ipywidgets as W  # noqa: N812 - one letter, because the classes below have the same names
from traitlets import Unicode


def _without_echo() -> Unicode[str, str | bytes]:
    return Unicode("").tag(sync=True, echo_update=False)


class Text(W.Text):  # type: ignore[misc] # ipywidgets carries no types, here and below
    """One line of text."""

    value = _without_echo()


class Textarea(W.Textarea):  # type: ignore[misc]
    """Several lines of text."""

    value = _without_echo()


class Password(W.Password):  # type: ignore[misc]
    """One line of hidden text."""

    value = _without_echo()
