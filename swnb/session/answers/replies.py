"""What the platform answers: dicts that know what they are and show themselves as cards.

The shapes are those of the published API: a call leg or a fabric device leg (by `type`), a voice
log, the one `+OK key=value …` line of `calling.ai_sidecar.status`. Anything else is a plain `Reply`
with what came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from swnb.errors import SwnbError
from swnb.exchange import NANO
from swnb.log.voice_logs.amounts import nano_of
from swnb.visible import visible

if TYPE_CHECKING:
    from swnb.exchange import Exchange

_LEG_TYPES = frozenset({"relay_pstn_call", "relay_sip_call", "relay_webrtc_call"})
_STATUS_LINE = re.compile(r"\+OK\b(.*)", re.DOTALL)
_PAIR = re.compile(r"([\w.-]+)=(\S*)")
_WHOLE = re.compile(r"-?[0-9]{1,18}")


class Reply(dict[str, Any]):
    """The platform's answer as a dict, with its exchange.

    Keys are exactly what came. `charge` is in US dollars and `status` is the call's, None if the
    answer has none.

    Attributes
    ----------
    exchange : Exchange
        The redacted record of the command and its answer.

    """

    def __init__(self, body: dict[str, Any], exchange: Exchange) -> None:
        super().__init__(body)
        self.exchange = exchange
        # What sends the same again with some parameters changed; a copy has none.
        self._resend: Callable[[Mapping[str, Any]], Reply] | None = None

    def again(self, **changes: Any) -> Reply:
        """Send the same command again, with some parameters changed.

        Parameters
        ----------
        **changes
            The parameters that are to be different; None leaves one out.

        Returns
        -------
        Reply
            For a `dial` too: `sw.call(reply)` is its call.

        Raises
        ------
        SwnbError
            If this object did not come from sending a command, such as a copy.
        InvalidCommand, SendError
            As the command itself.

        Examples
        --------
        >>> reply = call.user_event({"action": "order.confirmed"})
        >>> reply.again(event={"action": "order.shipped"})

        """
        if self._resend is None:
            raise SwnbError("again: this reply was not sent from here", advice="Send it anew.")
        return self._resend(changes)

    def __reduce_ex__(self, _protocol: object) -> tuple[type[Reply], tuple[Any, ...]]:
        return type(self), (dict(self), self.exchange)

    @property
    def call_id(self) -> str | None:
        """The call that the command was about."""
        return self.exchange.call_id

    @property
    def control_id(self) -> str | None:
        """The control id of the operation that the command started or acted on."""
        return self.exchange.control_id

    @property
    def status(self) -> str | None:
        """The call's status; always None for a fabric device leg."""
        return text_of(self, "status")

    @property
    def charge(self) -> float | None:
        """What the call has cost so far, in US dollars, as this answer has it."""
        charge = self.get("charge")
        return charge if isinstance(charge, int | float) else None

    @property
    def shown(self) -> dict[str, Any]:
        """The reply as it is shown: as the log holds it, without secrets, money read as money."""
        exchange = self.exchange
        if not isinstance(exchange.response, dict):
            return {}
        lines = [{"description": text, "charge": nano / NANO} for text, nano in exchange.charges]
        money = {"charge": exchange.charge, "charge_details": lines}
        return exchange.response | {key: money[key] for key in money if key in exchange.response}

    @property
    def request_id(self) -> str | None:
        """The platform's id of the request, for its support."""
        return self.exchange.request_id

    def __repr__(self) -> str:
        facts = [f"{self.exchange.command}", *(str(part) for part in self._facts() if part)]
        return f"<{type(self).__name__} {' · '.join(facts)}>"

    def _facts(self) -> list[str | None]:
        exchange = self.exchange
        where = f"{exchange.from_} → {exchange.to}" if exchange.from_ else None
        charge = None if exchange.charge is None else f"${exchange.charge:.6g}"
        return [exchange.call_status or exchange.outcome, where, charge, exchange.call_id]

    def _repr_html_(self) -> str:
        from swnb.cards import reply_card  # noqa: PLC0415 - cards are made only where they show

        return reply_card(self.shown, self.exchange)


R = TypeVar("R", bound=Reply)


def with_resend(reply: R, resend: Callable[[Mapping[str, Any]], Reply]) -> R:
    """Return a reply that can be sent again; `resend` takes the parameters that are different."""
    reply._resend = resend  # noqa: SLF001 - the class is defined here
    return reply


class CallLeg(Reply):
    """A PSTN, SIP or WebRTC call as it was when the command was accepted."""


class FabricDeviceLeg(Reply):
    """A call to a Fabric subscriber's device; its status is always None."""


class VoiceLog(Reply):
    """A call's entry in the voice logs: its final status, durations and charge lines."""


class SidecarStatus(Reply):
    """The counters of `calling.ai_sidecar.status`, whole numbers as int."""


class DryRun(Reply):
    """What would have been sent: the request body. Nothing was sent."""


def reply_of(body: Any, exchange: Exchange) -> Reply:
    """Return the reply for an answer's JSON, or for its text if that is a `+OK` line."""
    line = status_line(body)
    if line is not None:
        return SidecarStatus(line, exchange)
    if not isinstance(body, dict):
        return Reply({"result": body}, exchange)
    if exchange.command == "voice_log":
        return VoiceLog(body, exchange)
    kind = text_of(body, "type")
    if kind in _LEG_TYPES:
        return CallLeg(body, exchange)
    if kind == "fabric_subscriber_device_leg":
        return FabricDeviceLeg(body, exchange)
    return Reply(body, exchange)


def status_line(body: Any) -> dict[str, Any] | None:
    """Read a `+OK key=value …` line, bare or as the only string in the JSON; None if there is none."""
    if isinstance(body, dict) and len(body) == 1:
        (body,) = body.values()
    match = _STATUS_LINE.fullmatch(body.strip()) if isinstance(body, str) else None
    if not match:
        return None
    return {
        key: int(value) if _WHOLE.fullmatch(value) else value
        for key, value in _PAIR.findall(match[1])
    }


def text_of(body: Mapping[str, Any], key: str) -> str | None:
    """Return a string from an answer as it is shown, None if it has none.

    Neither the shape nor the characters of an answer can be trusted.
    """
    value = body.get(key)
    return visible(value) if isinstance(value, str) else None


def entries_in(page: Any) -> list[dict[str, Any]] | None:
    """Return the entries in the `data` of a page, None if it is not a page."""
    data = page.get("data") if isinstance(page, dict) else None
    return data if isinstance(data, list) and not set(map(type, data)) - {dict} else None


def charge_lines(body: Any) -> list[tuple[str, int]]:
    """Return the (description, nano-dollars) lines of a leg or a voice log."""
    details = body.get("charge_details") if isinstance(body, dict) else None
    if not isinstance(details, list):
        return []
    lines = (
        (visible(str(line.get("description", ""))), nano_of(line.get("charge")))
        for line in details
        if isinstance(line, dict)
    )
    return [(description, nano) for description, nano in lines if nano is not None]
