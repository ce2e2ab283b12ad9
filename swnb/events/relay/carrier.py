"""The transport seam over RELAY: a request goes out as a frame, and what comes back is an answer.

Nothing is sent twice. Whether a request arrived is decided by one fact: was its frame written?
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from swnb.events.hub import Hub
from swnb.events.relay.listener import Listener, NotConnected
from swnb.events.relay.wire import BROKEN
from swnb.exchange import Request, Response, Space, TransportFailure

_CALL = 20.0  # seconds for the call of a dial to be told
_ACCEPTED, _REJECTED = 200, 422


class RelayCarrier:
    """Carries commands over a listener's connection; `nodes` are where the calls are."""

    def __init__(self, hub: Hub, listener: Listener, space: Space, host: str) -> None:
        self.space = space
        self.host = host
        self._hub = hub
        self._listener = listener

    def send(self, request: Request) -> Response:
        """Send one request and return the answer, or raise `TransportFailure`."""
        began = time.monotonic()
        dials = request.command == "dial"
        try:
            answer = self._hub.run(self._dial if dials else self._command, request)
        except NotConnected as error:
            raise _failure(error, began, arrived=False) from None
        except BROKEN as error:
            raise _failure(error, began, arrived=True) from None
        return Response(*answer, elapsed=time.monotonic() - began)

    def renew(self) -> None:
        """Do nothing: frames carry the ids of what they answer."""

    def close(self) -> None:
        """Do nothing: the connection is the listener's."""

    async def _command(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        call_id = str(request.call_id)
        params = {
            "node_id": self._listener.nodes.get(call_id),
            "call_id": call_id,
            **request.params,
        }
        return _answer(await self._listener.ask(request.command, params), {"id": call_id})

    async def _dial(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        tag = str(uuid.uuid4())
        told = self._listener.expect(tag)  # before it is sent: events may overtake the answer
        try:
            params = {"tag": tag, **devices_of(request.params)}
            result = await self._listener.ask("calling.dial", params)
            if not _is_accepted(result):
                return _answer(result, {})
            call_id, state = await self._listener.told(told, _CALL)
        finally:
            self._listener.forget(tag)
        ends = {name: request.params[name] for name in ("from", "to")}
        body = {"id": call_id, "status": state, "direction": "outbound", **ends}
        return _answer(result, body)


def devices_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what RELAY takes for the parameters of a dial, without the tag."""
    to = str(params["to"])
    sip = to.startswith(("sip:", "sips:"))
    names = ("from", "to") if sip else ("from_number", "to_number")
    device = dict(zip(names, (params["from"], to), strict=True))
    device |= {name: params[name] for name in ("timeout", "codecs") if name in params}
    outer = {name: params[name] for name in ("region", "max_price_per_minute") if name in params}
    return {**outer, "devices": [[{"type": "sip" if sip else "phone", "params": device}]]}


def _is_accepted(result: Mapping[str, Any]) -> bool:
    return str(result.get("code", "")).startswith("2")


def _answer(
    result: Mapping[str, Any], body: Mapping[str, Any]
) -> tuple[int, dict[str, str], bytes]:
    """Return the result of a frame as REST would answer: a body, or errors with a status."""
    if _is_accepted(result):
        return _ACCEPTED, {}, json.dumps(body).encode()
    code, message = str(result.get("code", "")), str(result.get("message") or result.get("error"))
    status = int(code) if code.isdigit() and 400 <= int(code) < 500 else _REJECTED  # noqa: PLR2004 - of HTTP
    errors = [{"type": "relay", "code": code, "message": message}]
    return status, {}, json.dumps({"errors": errors}).encode()


def _failure(error: BaseException, began: float, *, arrived: bool) -> TransportFailure:
    reason = str(error) or "no answer came over RELAY in time"
    elapsed = time.monotonic() - began
    return TransportFailure(reason, arrived=arrived, attempts=1, elapsed=elapsed)
