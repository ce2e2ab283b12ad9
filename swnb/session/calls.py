"""The calls of a session: by their ids, or by the reply to the `dial` that started them."""

from __future__ import annotations

from swnb.errors import InvalidCommand, OutcomeUnknown
from swnb.session.answers.replies import DryRun, Reply
from swnb.session.call import Call
from swnb.session.calling import CallId
from swnb.session.credentials import call_id_problems, hidden_id, revealed_id
from swnb.session.session import Session

NO_CALL = "00000000-0000-0000-0000-000000000000"


def call_by_id(session: Session, call_id: CallId, *, unchecked: bool = False) -> Call:
    """Return a call by its id, of the class that the session asks for; nothing is sent.

    Raises `InvalidCommand` if the id is not one.
    """
    call_id = hidden_id(call_id)
    problems = call_id_problems(call_id, unchecked=unchecked)
    if problems:
        raise InvalidCommand("call", problems)
    return call_for(session, revealed_id(call_id), unchecked=unchecked)


def call_from_reply(session: Session, reply: Reply) -> Call:
    """Return the call that a `dial` has started.

    In a dry run there is none, and its id is the nil UUID, so that what follows can be rehearsed
    too. Raises `OutcomeUnknown` if the reply names no call.
    """
    call_id = NO_CALL if isinstance(reply, DryRun) else reply.get("id")
    if not isinstance(call_id, str):
        raise OutcomeUnknown(
            "dial: the reply names no call, though one may have been started",
            exchange=reply.exchange,
            advice="Look for it with sw.voice_logs(); the reply is in the log.",
        )
    session.operations.forget(call_id)
    call = call_for(session, call_id)
    call.last = reply
    if not isinstance(reply, DryRun):
        session.dialed.append(call)
    return call


def call_for(session: Session, call_id: str, *, unchecked: bool = False) -> Call:
    """Return a call of the class that the session asks for, its id as it is."""
    call = session.call_class(session, call_id, unchecked=unchecked)
    if not isinstance(call, Call):
        raise TypeError("call_class must make a Call")
    return call
