"""Commands over RELAY: checked, logged, priced and replayed as those over REST are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swnb.errors import BudgetExceeded, InvalidCommand
from swnb.events.relay.commands import RelayAnswer, RelayDial
from swnb.exchange import Transport
from swnb.hidden import HiddenDict
from swnb.session.answers.replies import Reply
from swnb.session.call import Call
from swnb.session.calling import CallId
from swnb.session.calls import call_from_reply
from swnb.session.credentials import call_id_problems, hidden_id, revealed_id
from swnb.session.session import Session


def dial(session: Session, over: Transport | None, params: Mapping[str, Any]) -> Call:
    """Dial over RELAY and return the call."""
    params = HiddenDict(params)
    try:
        reply = session.send(RelayDial(**params), over=over)
    except BudgetExceeded:
        raise  # it is in the log already
    except InvalidCommand as error:
        session.refuse(RelayDial.wire, params, None, error)
        raise
    return call_from_reply(session, reply)


def answer(session: Session, over: Transport | None, call: CallId) -> Reply:
    """Answer a call over RELAY."""
    call_id = hidden_id(call)
    problems = call_id_problems(call_id)
    if problems:
        error = InvalidCommand("answer", problems)
        session.refuse(RelayAnswer.wire, {}, call_id, error)
        raise error
    return session.send(RelayAnswer(), revealed_id(call_id), over=over)
