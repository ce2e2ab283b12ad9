"""The doors from a client to the rooms on its right, opened only when they are used.

Forms, the console and the analysis build on the client, so it may not import them; but people look
for them on the client that they hold. Here, and nowhere else, a room to the right is imported, inside
the method that needs it (`tests/test_architecture.py` holds that).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from swnb.client.call import Call
    from swnb.client.client import Client
    from swnb.notebook.console import Console
    from swnb.notebook.forms import Form


class ClientDoors:
    """What a `Client` opens."""

    def form(self, command: str | None = None, call: Call | str | None = None) -> Form:
        """Open a widget form for a command, by its method or wire name, or a picker of all 42.

        Raises `UnknownCommand` with the closest name. Nothing is sent before Send is pressed.
        """
        from swnb.notebook.forms import Form  # noqa: PLC0415 - a door

        return Form(cast("Client", self), command, call=call)

    def console(self) -> Console:
        """Open the console: calls, the selected call's timeline and form, running totals."""
        from swnb.notebook.console import Console  # noqa: PLC0415 - a door

        return Console(cast("Client", self))


class CallDoors:
    """What a `Call` opens."""

    def form(self, command: str | None = None) -> Form:
        """Open a widget form for a command with this call filled in."""
        from swnb.notebook.forms import Form  # noqa: PLC0415 - a door

        call = cast("Call", self)
        return Form(call.client, command, call=call)
