"""The client's side of RELAY without any I/O: texts in; texts to send, events and answers out.

One object lasts over all connections of a listener. The session's `protocol` and its authorization
state, with which it is restored after a connection broke, are held here, in memory only.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from swnb.event.reading import SECRET_TYPE
from swnb.exchange import loads
from swnb.hidden import HiddenDict
from swnb.version import VERSION

# Errors after which a stored session is forgotten, and one fresh attempt made, as the platform's
# browser SDK does.
_STALE = (-32003, -32602, -32002)
_VERSION = {"major": 2, "minor": 0, "revision": 0}
_SHOWN = 200  # characters of a message of the platform
Connected = Literal["no", "yes", "stale", "refused"]


@dataclass(slots=True)
class Taken:
    """What came of one text.

    `send` are the texts to answer with now. `event` is the params of an event with the id of its
    frame, to be acknowledged once it is written. `connected` is what the platform said to the
    greeting, and `restored` whether it sends what was missed. `leaving` is set if it asks to go.
    `unreadable` is a text that is no frame, or asks for nothing known.
    """

    send: list[str] = field(default_factory=list)
    event: tuple[Any, Any] | None = None
    connected: Connected = "no"
    restored: bool = False
    reason: str = ""
    answer: tuple[str, dict[str, Any]] | None = None
    leaving: bool = False
    unreadable: str | None = None


class RelaySession:
    """A session; `contexts` are those that a cell named, for which it takes inbound calls."""

    def __init__(self, login: HiddenDict, contexts: Collection[str] = ()) -> None:
        self._login = login
        self.contexts = set(contexts)
        self.protocol: str | None = None
        self._state: str | None = None
        self._greeting = ""

    def greet(self) -> str:
        """Return the first text of a connection."""
        self._greeting = str(uuid.uuid4())
        params: dict[str, Any] = HiddenDict(
            version=_VERSION,
            agent=f"swnb/{VERSION}",
            event_acks=True,
            authentication=HiddenDict(self._login),
        )
        if self.contexts:
            params["contexts"] = sorted(self.contexts)
        if self.protocol and self._state:
            params |= {"protocol": self.protocol, "authorization_state": self._state}
        return _request(self._greeting, "signalwire.connect", params)

    def request(self, method: str, params: Mapping[str, Any]) -> tuple[str, str]:
        """Return the id and the text of a request."""
        id_ = str(uuid.uuid4())
        return id_, _request(id_, method, params)

    def forget(self) -> None:
        """Forget the session: the next connection begins a new one."""
        self.protocol = self._state = None

    @staticmethod
    def acknowledgement(frame_id: Any) -> str:
        """Return what tells the platform that an event is kept."""
        return _result(frame_id, {})

    def take(self, text: str | bytes | None) -> Taken:
        """Take a text of the platform."""
        frame = _frame(text)
        if frame is None:
            return Taken(unreadable=_cut(text))
        method, id_ = frame.get("method"), _plain(frame.get("id"))
        if method is None:
            return self._answered(str(id_), frame)
        params = frame.get("params")
        if method == "signalwire.event":
            return self._event(id_, params)
        if method == "signalwire.ping":
            stamp = _plain(params.get("timestamp")) if isinstance(params, Mapping) else None
            return Taken([_result(id_, {} if stamp is None else {"timestamp": stamp})])
        if method == "signalwire.disconnect":
            if isinstance(params, Mapping) and params.get("restart") is True:
                self.forget()
            return Taken([_result(id_, {})], leaving=True)
        return Taken([_result(id_, {})], unreadable=_cut(text))

    def _event(self, id_: Any, params: Any) -> Taken:
        if isinstance(params, Mapping) and params.get("event_type") == SECRET_TYPE:
            inner = params.get("params")
            state = inner.get("authorization_state") if isinstance(inner, Mapping) else None
            self._state = state if isinstance(state, str) and state else self._state
            return Taken([self.acknowledgement(id_)])
        return Taken(event=(id_, params))

    def _answered(self, id_: str, frame: Mapping[str, Any]) -> Taken:
        error, result = frame.get("error"), frame.get("result")
        if id_ != self._greeting:
            told = result if isinstance(result, dict) else {"error": error}
            return Taken(answer=(id_, told))
        if isinstance(result, Mapping):
            return self._welcomed(result)
        code = error.get("code") if isinstance(error, Mapping) else None
        message = error.get("message") if isinstance(error, Mapping) else None
        reason = f"{_cut(str(message or 'no reason was given'))} ({code})"
        if self.protocol and code in _STALE:
            self.forget()
            return Taken(connected="stale", reason=reason)
        return Taken(connected="refused", reason=reason)

    def _welcomed(self, result: Mapping[str, Any]) -> Taken:
        protocol, told = result.get("protocol"), result.get("session_restored")
        same = self.protocol is not None and protocol == self.protocol
        if isinstance(protocol, str):
            self.protocol = protocol
        return Taken(connected="yes", restored=told if isinstance(told, bool) else same)


def _frame(text: Any) -> dict[str, Any] | None:
    try:
        value = loads(text if isinstance(text, bytes) else str(text).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _plain(value: Any) -> str | float | None:
    """Return what is sent back as it came: a text or a number, and nothing for what is neither."""
    return value if isinstance(value, str | int | float) else None


def _request(id_: str, method: str, params: Mapping[str, Any]) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})


def _result(id_: Any, result: Mapping[str, Any]) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": id_, "result": result})


def _cut(text: Any) -> str:
    whole = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return whole if len(whole) <= _SHOWN else f"{whole[:_SHOWN]}… ({len(whole):,} characters)"
