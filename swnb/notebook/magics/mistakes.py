"""A mistake in a magic, logged as the same mistake from Python is.

The row has the command, the call, the parameters and the error that Python's own call would have
left. What is only a mistake of a line, such as an option without its value, has no such twin: the row
then has the magic's own error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from swnb.commands import find
from swnb.errors import InvalidCommand, Problem, UnknownCommand
from swnb.hidden import HiddenDict
from swnb.session.call import Call, CallReply
from swnb.session.credentials import call_id_problems, hidden_id
from swnb.session.operations import needs_control_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from swnb.commands import Command
    from swnb.notebook.magics.arguments import Arguments
    from swnb.session.session import Session


def log_mistake(
    session: Session,
    model: type[Command],
    arguments: Arguments,
    params: Mapping[str, Any],
    error: InvalidCommand,
) -> None:
    """Log a command that a magic refused, with the parameters of its line and its body."""
    call = arguments.call
    call = call.call if isinstance(call, CallReply) else call
    given: Mapping[str, Any] = HiddenDict({**params, **arguments.amiss})
    if isinstance(call, Call):
        given = _filled_in(session, model, call, given)
    given, misplaced = model.by_name(tuple(arguments.surplus), given)
    problems: list[Problem] = []
    if arguments.amiss or arguments.surplus or arguments.was_read:
        problems = [*_call_problems(model, call, given), *misplaced, *_problems(model, given)]
    from_python = InvalidCommand(model.method(), problems) if problems else error
    session.refuse(model.wire, given, hidden_id(call) if model.on_call else None, from_python)
    session.sender.last_error = error  # what was shown


def log_unknown(session: Session, name: str, call: Any, error: UnknownCommand) -> None:
    """Log a command that there is not, as `sw.send` does with a body."""
    body = HiddenDict({"command": name})
    call_id = hidden_id(call)
    if isinstance(call_id, str):
        body["id"] = call_id
    try:
        find(name)
    except UnknownCommand as unknown:
        session.refuse("send", body, call_id, unknown)
        session.sender.last_error = error


def _filled_in(
    session: Session, model: type[Command], call: Call, params: Mapping[str, Any]
) -> HiddenDict:
    """Return the parameters with what a call adds to its commands."""
    given = HiddenDict(params)
    if not model.on_call:
        return HiddenDict({"id": call.id, **given})
    if given.get("control_id") is None and needs_control_id(model):
        operations = session.operations.of(call.id)
        made = operations.control_id_for(model, session.log.named_run)
        given |= {"control_id": made} if made else {}
    return given


def _call_problems(model: type[Command], call: Any, params: Mapping[str, Any]) -> list[Problem]:
    if not model.on_call or isinstance(call, Call):
        return []
    return call_id_problems(hidden_id(call), unchecked=params.get("unchecked") is True)


def _problems(model: type[Command], params: Mapping[str, Any]) -> list[Problem]:
    """Return what the model says of parameters."""
    try:
        model(**params)
    except InvalidCommand as error:
        return error.problems
    return []
