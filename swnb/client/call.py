"""`Call`: what one can do with a call, as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from swnb.events.calls.call import HeardCall
from swnb.events.voice_logs import call_events
from swnb.session import calls
from swnb.session.credentials import hidden_id

if TYPE_CHECKING:
    from swnb.commands.names import CommandName
    from swnb.log.timeline.timeline import Timeline
    from swnb.notebook.forms.form import Form
    from swnb.notebook.panels.live_timeline import LiveTimeline
    from swnb.session.calling import CallId
    from swnb.session.session import Session


class Call(HeardCall):
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
        The latest answer about the call.

    """

    events = call_events

    @overload
    def timeline(self, *, live: Literal[False] = False) -> Timeline: ...
    @overload
    def timeline(self, *, live: Literal[True]) -> LiveTimeline: ...
    def timeline(self, *, live: bool = False) -> Timeline | LiveTimeline:
        """Return everything known of the call in order: a frame, a picture and a ladder.

        Parameters
        ----------
        live : bool, default False
            Open a panel that is drawn again while the call runs, until it is over or the output is
            gone. It reads the log only; nothing is sent.

        Returns
        -------
        Timeline or LiveTimeline
            A timeline's `df` is the frame; `to_text()`, `to_mermaid()`, `chart()` and `save()` are for
            people without the tool.

        Raises
        ------
        LogError
            If the log cannot be read.

        Examples
        --------
        >>> call.timeline()

        """
        if live:
            from swnb.notebook.panels.live_timeline import (  # noqa: PLC0415 - loads ipywidgets
                LiveTimeline,
            )

            return LiveTimeline(self._session, self.id)
        return self._session.log.timeline(self.id)

    def form(self, command: CommandName | str | None = None) -> Form:
        """Open a widget form for a command with this call filled in; only its Send button sends.

        Parameters
        ----------
        command : str, optional
            A method name (``"play"``) or a wire name; without it, a picker of all commands.

        Raises
        ------
        UnknownCommand
            If there is no such command; the message names the closest.

        Examples
        --------
        >>> call.form("play")

        """
        from swnb.notebook.forms.form import Form  # noqa: PLC0415 - loads ipywidgets

        return Form(self._session, command, call=self)


def call_by_id(session: Session, call_id: CallId, *, unchecked: bool = False) -> Call:  # noqa: D417 - the client binds the session
    """Return a call by its id; nothing is sent.

    Parameters
    ----------
    call_id : str, Call or Reply
        The id of the call, a UUID; a `Call` or a reply stands for its own.
    unchecked : bool, default False
        Take an id that is not a UUID as it is.

    Returns
    -------
    Call

    Raises
    ------
    InvalidCommand
        If the id is not a UUID.

    Examples
    --------
    >>> call = sw.call("3f2504e0-4f89-41d3-9a0c-0305e82c3301")

    """
    call_id = hidden_id(call_id)  # a traceback shows the arguments of a frame
    call = calls.call_by_id(session, call_id, unchecked=unchecked)
    if not isinstance(call, Call):
        raise TypeError("the session makes calls of another class")
    return call
