"""A request body as the platform's pages show it, checked and sent as any command is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from swnb import commands as c
from swnb.errors import InvalidCommand, Problem
from swnb.hidden import HiddenDict

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.session.answers.replies import Reply
    from swnb.session.session import Session

_PARTS = ("command", "id", "params")
_FORM = 'must be a dict: send({"command": "calling.end", "id": call.id, "params": {…}})'


def send_body(session: Session, body: Mapping[str, Any]) -> Reply:
    """Send a request body as the platform's pages show it, after checking it as any command.

    Parameters
    ----------
    body : mapping
        ``{"command": …, "id": …, "params": …}``. `dial` and `update` have no ``id`` beside their
        ``params``, and ``params`` may be left out if all of them are optional.

    Returns
    -------
    Reply

    Raises
    ------
    InvalidCommand
        Before anything is sent, with every problem.
    SendError
        If the platform rejected it, or did not answer.

    Examples
    --------
    >>> sw.send({"command": "calling.end", "id": call.id, "params": {"reason": "busy"}})

    """
    is_body = isinstance(body, Mapping)
    body = HiddenDict(body) if is_body else HiddenDict()
    session.check_open("send")
    try:
        model = _model_of(body) if is_body else _refuse([Problem("", _FORM)])
    except InvalidCommand as error:
        session.refuse("send", body, body.get("id"), error)
        raise
    return session.command(model, body.get("params", {}), body.get("id"))


def _model_of(body: Mapping[str, Any]) -> type[Command]:
    """Return the command of a body. Raises `InvalidCommand` with all that is wrong around it."""
    command = body.get("command")
    if not isinstance(command, str):
        problem = Problem("command", "is required: a string such as calling.end")
        _refuse([problem, *_problems(body, on_call=True)])
    model = c.find(command)
    problems = _problems(body, on_call=model.on_call)
    return _refuse(problems) if problems else model


def _refuse(problems: list[Problem]) -> NoReturn:
    raise InvalidCommand("send", problems)


def _problems(body: Mapping[str, Any], *, on_call: bool) -> list[Problem]:
    """Return what keeps a body from being one, apart from the parameters of its command."""
    problems = []
    if not isinstance(body.get("params", {}), Mapping):
        problems.append(Problem("params", "must be an object (a dict)"))
    if "id" in body and not on_call:
        problems.append(Problem("id", "is not part of this command's body"))
    known = ", ".join(_PARTS)
    problems += [
        Problem(str(name), f"is not part of a request body; its parts are {known}")
        for name in body
        if name not in _PARTS
    ]
    return problems
