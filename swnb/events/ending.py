"""Ending what a client dialed, and saying what is still up when it is closed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from swnb.errors import SwnbError
from swnb.visible import visible

if TYPE_CHECKING:
    from swnb.session.call import Call
    from swnb.session.session import Session


def up(session: Session) -> list[Call]:
    """Return the calls that a client dialed and that are not known to be over."""
    return [call for call in session.dialed if not call.ended]


def end_all(session: Session) -> list[str]:
    """End every call that this client dialed and that is up.

    A call that cannot be ended does not keep the others up.

    Returns
    -------
    list of str
        The ids of the calls that are over now, in the order in which they were dialed.

    Raises
    ------
    SwnbError
        If calls could not be ended: it names them, after all others were.

    Examples
    --------
    >>> sw.end_all()

    """
    session.check_open("end_all")
    done: list[str] = []
    failed: list[str] = []
    for call in up(session):
        try:
            call.end()
        except SwnbError as error:
            failed.append(f"{call.id}: {error.message}")
        else:
            done.append(call.id)
    if failed:
        raise SwnbError(
            f"end_all: {len(failed)} of {len(done) + len(failed)} calls may still be up: "
            + "; ".join(failed),
            advice='Check each: sw.call("<its id>").refresh()',
        )
    return done


def tell_open_calls(session: Session) -> None:
    """Say which calls are still up, where leaving them up can cost something."""
    if session.dry_run or session.space == "replayed" or session.embedded is not None:
        return
    for call in up(session):
        print(  # noqa: T201 - a line for a person, not a warning: the cell did what it was asked
            visible(
                f"swnb: call {call.id} may still be up ({call.status or 'no state was heard'}). "
                f'End it: sw.call("{call.id}").end()'
            ),
            file=sys.stderr,
        )
