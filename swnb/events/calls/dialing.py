"""Starting and answering a call over RELAY: validated, logged and replayed as any other command is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from swnb import commands as c
from swnb.errors import SwnbError
from swnb.events.listening import listening
from swnb.events.relay.carrier import Absent
from swnb.hidden import HiddenDict
from swnb.session.calls import call_for, call_from_reply

if TYPE_CHECKING:
    from swnb.exchange import Transport
    from swnb.session.answers.replies import Reply
    from swnb.session.call import Call
    from swnb.session.session import Session


def dial_over(session: Session, params: Mapping[str, Any]) -> Call:
    """Dial a call that this session owns, and return it; the parameters that are None are not given."""
    given = HiddenDict({name: item for name, item in params.items() if item is not None})
    reply = session.command(c.RelayDial, given, over=way(session))
    return call_from_reply(session, reply)


def note_late(session: Session, call_id: str) -> None:
    """Note a call whose dial was given up before it was named: it is ended with the others."""
    session.dialed.append(call_for(session, call_id))


def end_over(
    session: Session, call_id: str, params: Mapping[str, Any], values: tuple[Any, ...]
) -> Reply:
    """End a call that this session owns over its own connection."""
    return session.command(c.End, params, call_id, values, way(session))


def answer_over(session: Session, call_id: str) -> None:
    """Answer a call that was offered to this session."""
    session.check_open("call.answer")
    inbox = listening(session)
    sends = not session.dry_run and session.space != "replayed"
    known = inbox is not None and inbox.owns(call_id)
    if sends and not known and session.routing.run_replayed is None:
        raise SwnbError(
            "call.answer: this call was not offered to this client",
            advice='Take part in a context: inbox = sw.listen(contexts=["office"])\n'
            "Then: inbox.calls.wait().answer()",
        )
    session.send(c.Answer(), call_id, way(session))


def way(session: Session) -> Transport:
    """Return what carries commands over RELAY: the connection of the inbox that is open."""
    inbox = listening(session)
    return inbox.carrier() if inbox else Absent(session.transport.space, session.host)
