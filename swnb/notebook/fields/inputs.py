"""Inputs of ipywidgets that never send back what was typed into them.

ipywidgets echoes each value to the front ends. What is typed may be a secret, so these inputs do
without: the kernel takes the value in, and whatever goes out goes out because a field says so.
"""

from __future__ import annotations

import ipywidgets as W  # noqa: N812 - one letter, as the classes below bear the same names
from traitlets import Unicode


def _quiet() -> Unicode[str, str | bytes]:
    return Unicode("").tag(sync=True, echo_update=False)


class Text(W.Text):  # type: ignore[misc] # ipywidgets carries no types, here and below
    """One line of text."""

    value = _quiet()


class Textarea(W.Textarea):  # type: ignore[misc]
    """Several lines of text."""

    value = _quiet()


class Combobox(W.Combobox):  # type: ignore[misc]
    """One line of text with offers."""

    value = _quiet()


class Password(W.Password):  # type: ignore[misc]
    """One line of text that is not shown."""

    value = _quiet()
