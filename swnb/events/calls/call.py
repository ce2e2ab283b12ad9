"""A call that is heard: it can be waited for, and answered if it was offered."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Self

from swnb import commands as c
from swnb.errors import ApiError, SwnbError
from swnb.events.calls.dialing import answer_over, end_over
from swnb.events.waiting.calls import wait_until
from swnb.hidden import HiddenDict
from swnb.session import call as core
from swnb.session.call_facts import note_state


class HeardCall(core.Call):
    """What a call does with what is heard of it; people see it as `swnb.Call`."""

    wait_until = wait_until
    _owned = False  # whether this client's RELAY session dialed it, or was offered it

    def command(
        self, model: core.Model, params: Mapping[str, Any], values: tuple[Any, ...] = ()
    ) -> core.CallReply:
        """Send a command that is given as its model, as tools that build on swnb do.

        If REST may not end a call that this client's RELAY session owns, the session ends it.

        Parameters
        ----------
        model : type of Command
            One of `swnb.COMMANDS`.
        params : mapping
            The parameters by name.
        values : tuple, optional
            Parameters by position: at most the command's main one.

        """
        params = HiddenDict(params)
        try:
            return super().command(model, params, values)
        except ApiError as rejection:
            if model is not c.End or not self._owned or rejection.status != HTTPStatus.CONFLICT:
                raise
        reply = end_over(self._session, self.id, params, values)
        note_state(self, "ended")
        return self._reply(reply)

    def answer(self) -> Self:
        """Answer an inbound call that this client was offered, over RELAY; it is sent once.

        Returns
        -------
        Call
            The call itself.

        Raises
        ------
        SwnbError
            If the call was not offered to this client: `sw.listen(contexts=…)` and
            `inbox.calls.wait()`.
        SendError
            If the platform rejected it, or did not answer.

        Examples
        --------
        >>> call = inbox.calls.wait().answer()

        """
        answer_over(self._session, self.id)
        return self


def heard_call(call: core.Call, *, owned: bool = False) -> HeardCall:
    """Return a call that the session made, which people see; `owned` if RELAY steers it too."""
    if not isinstance(call, HeardCall):
        raise TypeError("call_class must make a HeardCall")
    call._owned = owned  # noqa: SLF001 - the class is defined here
    return call


def refuse_closed(what: str) -> SwnbError:
    """Return the error of an inbox that is closed."""
    return SwnbError(f"{what}: this inbox is closed", advice="Listen again: sw.listen()")
