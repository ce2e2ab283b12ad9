"""The doors from a client to the rooms on its right, opened only when they are used.

Forms, the console and the analysis build on the client, so it may not import them; but people look
for them on the client that they hold. Here, and nowhere else, a room to the right is imported, inside
the method that needs it (`tests/test_architecture.py` holds that).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from swnb.notebook.forms.form import Form
    from swnb.notebook.panels.console import Console
    from swnb.notebook.panels.explorer import Explorer
    from swnb.runs.run import Run
    from swnb.session.call import Call
    from swnb.session.session import Client


class ClientDoors:
    """What a `Client` opens."""

    def form(self, command: str | None = None, call: Call | str | None = None) -> Form:
        """Open a widget form for a command, by its method or wire name, or a picker of all 42.

        Raises `UnknownCommand` with the closest name. Nothing is sent before Send is pressed.
        """
        from swnb.notebook.forms.form import Form  # noqa: PLC0415 - a door

        return Form(cast("Client", self), command, call=call)

    def console(self) -> Console:
        """Open the console: calls, the selected call's timeline and form, running totals."""
        from swnb.notebook.panels.console import Console  # noqa: PLC0415 - a door

        return Console(cast("Client", self))

    def costs(self) -> Explorer:
        """Open an explorer of what the calls in the log cost: filters, a chart and its table."""
        from swnb.notebook.panels.explorer import Explorer  # noqa: PLC0415 - a door

        return Explorer(cast("Client", self).log.tables)

    def run(
        self,
        name: str,
        *,
        note: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        once: bool = False,
    ) -> Run:
        """Begin a named run: `with sw.run("checkout"):`, or `sw.run("checkout")` from here on.

        The log groups the run's exchanges and keeps where, when and with what they were sent,
        beside `note` and `parameters`. With `once`, what the run has already done is replayed
        and only what is new is sent. Raises `ConfigurationError` for a malformed name.
        """
        from swnb.runs.run import Run  # noqa: PLC0415 - a door

        client = cast("Client", self)
        client.check_open("run")
        return Run(client, name, note=note, parameters=parameters, once=once)


class CallDoors:
    """What a `Call` opens."""

    def form(self, command: str | None = None) -> Form:
        """Open a widget form for a command with this call filled in."""
        from swnb.notebook.forms.form import Form  # noqa: PLC0415 - a door

        call = cast("Call", self)
        return Form(call.client, command, call=call)
