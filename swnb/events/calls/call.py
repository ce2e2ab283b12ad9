"""A call that is heard: it can be waited for, and answered if it was offered."""

from __future__ import annotations

from typing import Self

from swnb.errors import SwnbError
from swnb.events.calls.dialing import answer_over
from swnb.events.waiting.calls import wait_until
from swnb.session import call as core


class HeardCall(core.Call):
    """What a call does with what is heard of it; people see it as `swnb.Call`."""

    wait_until = wait_until

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


def heard_call(call: core.Call) -> HeardCall:
    """Return a call that the session made, which people see."""
    if not isinstance(call, HeardCall):
        raise TypeError("call_class must make a HeardCall")
    return call


def refuse_closed(what: str) -> SwnbError:
    """Return the error of an inbox that is closed."""
    return SwnbError(f"{what}: this inbox is closed", advice="Listen again: sw.listen()")
