"""What can be done with a call that is there: end, move, part and refer it; its faxes and events."""

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
        about("Why the call ends, as the other side is told."),
    ] = Field(default=None, kw_only=False)


class Transfer(Command):
    """Hand the call over to another destination, where it goes on."""

    wire: ClassVar[str] = "calling.transfer"
    group: ClassVar[str] = "Calls"
    example: ClassVar[dict[str, Any]] = {"dest": "sip:support@example.com"}

    dest: Annotated[
        DestinationOrSwml,
        about("Where to: a SIP URI, a phone number, the URL of SWML, or a SWML document."),
    ] = Field(kw_only=False)


class Disconnect(Command):
    """Part two bridged calls without hanging up either."""

    wire: ClassVar[str] = "calling.disconnect"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Calls"


# `from` is a Python keyword, so this one cannot be written as a class.
ReferSipParams = TypedDict(
    "ReferSipParams",
    {
        "to": Required[Annotated[SipUri, about("Where the caller is sent.")]],
        "from": Annotated[SipUri | None, about("The From that the REFER carries.")],
        "username": Annotated[str | None, about("User name, where the destination asks for one.")],
        "password": Annotated[str | None, about("Password, where the destination asks for one.")],
    },
    total=False,
)


class ReferDevice(TypedDict):
    """A SIP address to refer a call to."""

    type: Annotated[Literal["sip"], about("The kind of address.")]
    params: Annotated[ReferSipParams, about("The address and how to sign in there.")]


class Refer(Command):
    """Send a SIP caller elsewhere with SIP REFER.

    How it went arrives at `status_url`.
    """

    wire: ClassVar[str] = "calling.refer"
    group: ClassVar[str] = "Calls"
    # It has no control id; success is documented, error is assumed.
    ends: ClassVar[frozenset[str]] = frozenset({"success", "error"})
    example: ClassVar[dict[str, Any]] = {
        "device": {"type": "sip", "params": {"to": "sip:support@example.com"}},
        "status_url": "https://example.com/refer",
    }

    device: Annotated[ReferDevice, about("Where the caller is referred to.")]
    status_url: Annotated[
        HttpUrl | None, about("Where the progress of the referral is posted.")
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
    """Hand an event of your own to whoever listens to the call.

    The content is free JSON and is sent as it is, null included.
    """

    wire: ClassVar[str] = "calling.user_event"
    group: ClassVar[str] = "Events"
    example: ClassVar[dict[str, Any]] = {
        "event": {"action": "order.confirmed", "order_id": "ORD-12345", "amount": 49.99}
    }

    event: Annotated[JsonObject, about("What happened: any JSON object.")] = Field(kw_only=False)
