"""Commands on an existing call: end, transfer, disconnect and refer it; its faxes and events."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Required

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from swnb.commands.addresses import HttpUrl
from swnb.commands.base import Command
from swnb.commands.models.swml import DestinationOrSwml
from swnb.commands.types import (
    ControlId,
    JsonObject,
    TextRule,
    about,
    made,
    matches,
)

SipUri = Annotated[
    str, AfterValidator(TextRule("a URI that starts with sip:", matches("(?s)sip:.+")))
]


class End(Command):
    """Hang up."""

    wire: ClassVar[str] = "calling.end"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Calls"
    example: ClassVar[dict[str, Any]] = {"reason": "busy"}

    reason: Annotated[
        Literal["hangup", "cancel", "busy", "noAnswer", "decline", "error"] | None,
        about("The reason for ending the call, as reported to the other side."),
    ] = Field(default=None, kw_only=False)


class Transfer(Command):
    """Transfer the call to another destination."""

    wire: ClassVar[str] = "calling.transfer"
    group: ClassVar[str] = "Calls"
    documents: ClassVar[tuple[str, ...]] = ("dest",)
    as_text: ClassVar[tuple[str, ...]] = ("dest",)
    example: ClassVar[dict[str, Any]] = {"dest": "sip:support@example.com"}

    dest: Annotated[
        DestinationOrSwml,
        about("The destination: a SIP URI, a phone number, a URL of SWML, or a SWML document."),
    ] = Field(kw_only=False)


class Disconnect(Command):
    """Disconnect two bridged calls without hanging up either."""

    wire: ClassVar[str] = "calling.disconnect"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Calls"


# `from` is a Python keyword, so this one cannot be written as a class.
ReferSipParams = TypedDict(
    "ReferSipParams",
    {
        "to": Required[Annotated[SipUri, about("The SIP URI to refer the caller to.")]],
        "from": Annotated[SipUri | None, about("The From of the REFER.")],
        "username": Annotated[str | None, about("The user name, if the destination requires one.")],
        "password": Annotated[str | None, about("The password, if the destination requires one.")],
    },
    total=False,
)


class ReferDevice(TypedDict):
    """A SIP address to refer a call to."""

    type: Annotated[Literal["sip"], about("The kind of address.")]
    params: Annotated[ReferSipParams, about("The address and its credentials.")]


class Refer(Command):
    """Refer a SIP caller to another address with SIP REFER.

    The result is posted to `status_url`.
    """

    wire: ClassVar[str] = "calling.refer"
    group: ClassVar[str] = "Calls"
    # It has no control id; success is documented, error is assumed.
    ends: ClassVar[frozenset[str]] = frozenset({"success", "error"})
    example: ClassVar[dict[str, Any]] = {
        "device": {"type": "sip", "params": {"to": "sip:support@example.com"}},
        "status_url": "https://example.com/refer",
    }

    device: Annotated[ReferDevice, about("The address to refer the caller to.")]
    status_url: Annotated[
        HttpUrl | None, about("The URL to post the progress of the referral to.")
    ] = None


class SendFaxStop(Command):
    """Stop sending a fax."""

    wire: ClassVar[str] = "calling.send_fax.stop"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Fax"
    controls: ClassVar[str | None] = "send_fax"
    ends: ClassVar[frozenset[str]] = frozenset({"finished", "error"})
    example: ClassVar[dict[str, Any]] = {"control_id": "fax-out-1"}

    control_id: ControlId = made()


class ReceiveFaxStop(Command):
    """Stop receiving a fax."""

    wire: ClassVar[str] = "calling.receive_fax.stop"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Fax"
    controls: ClassVar[str | None] = "receive_fax"
    ends: ClassVar[frozenset[str]] = frozenset({"finished", "error"})
    example: ClassVar[dict[str, Any]] = {"control_id": "fax-in-1"}

    control_id: ControlId = made()


class UserEvent(Command):
    """Send an event of your own to everyone who listens to the call.

    The content is free JSON and is sent as it is, including null.
    """

    wire: ClassVar[str] = "calling.user_event"
    group: ClassVar[str] = "Events"
    example: ClassVar[dict[str, Any]] = {
        "event": {"action": "order.confirmed", "order_id": "ORD-12345", "amount": 49.99}
    }

    event: Annotated[JsonObject, about("The event: any JSON object.")] = Field(kw_only=False)
