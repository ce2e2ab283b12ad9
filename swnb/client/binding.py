"""Binding functions of the rooms below as methods of the classes that people see.

A capability is written once, as a function of a `Session`; a class body lists it by name. The
method has the function's own signature and help, less the session.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from swnb.client.call import Call
from swnb.hidden import HiddenDict, HiddenTuple
from swnb.session.calling import CommandMethod
from swnb.session.calls import call_from_reply
from swnb.session.session import Session

P = ParamSpec("P")
R = TypeVar("R")


class HasSession(Protocol):
    """A class whose objects hold a session."""

    _session: Session


class bound(Generic[P, R]):  # noqa: N801 - it reads as a keyword in a class body
    """A function of a session as a method: `sync = bound(sync)`."""

    def __init__(self, function: Callable[Concatenate[Session, P], R]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    @overload
    def __get__(self, obj: HasSession, owner: type[Any]) -> Callable[P, R]: ...
    @overload
    def __get__(self, obj: None, owner: type[Any]) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        if obj is None:
            return self._function
        # No frame between the caller's and the function's: it would hold what was passed.
        return types.MethodType(self._function, obj._session)  # noqa: SLF001 - its protocol is above


class dialing(CommandMethod[P]):  # noqa: N801 - as above
    """`dial` on a client: it starts a call and returns it."""

    @overload
    def __get__(self, obj: HasSession, owner: type[Any]) -> Callable[P, Call]: ...
    @overload
    def __get__(self, obj: None, owner: type[Any]) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        model = self.model

        def send(client: HasSession, *values: Any, **params: Any) -> Any:
            params, values = HiddenDict(params), HiddenTuple(values)
            session = client._session  # noqa: SLF001 - its protocol is above
            return call_from_reply(session, session.command(model, params, None, values))

        return self if obj is None else self.bind(obj, send, "sw")
