"""`Call`: what one can do with a call, as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swnb.session import call as core

if TYPE_CHECKING:
    from swnb.commands.names import CommandName
    from swnb.notebook.forms.form import Form


class Call(core.Call):
    """One call: `call.play(play=[…])`, `call.user_event({…})`, `call.end()`.

    Control ids are made and remembered (`play-1`, `play-2` …; `checkout.play-1` in a run of that
    name), and a command that controls an operation acts on the latest open one unless `control_id=`
    names another. Status, charge and addresses are those of the latest answer; `refresh()` asks the
    voice log.

    Attributes
    ----------
    id : str
        The id of the call, a UUID.
    last : Reply or None
        The latest answer that says something of the call.

    """

    def form(self, command: CommandName | str | None = None) -> Form:
        """Open a widget form for a command with this call filled in; nothing is sent before Send.

        Parameters
        ----------
        command : str, optional
            A method name (``"play"``) or a wire name; without it, a picker of all commands.

        Raises
        ------
        UnknownCommand
            With the closest name.

        Examples
        --------
        >>> call.form("play")

        """
        from swnb.notebook.forms.form import Form  # noqa: PLC0415 - loads ipywidgets

        return Form(self._session, command, call=self)
