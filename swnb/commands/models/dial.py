"""Starting a call and updating one in progress: the two commands that carry instructions.

Both take exactly one of `url` and `swml`, except that an update may set only a status: the
platform's documentation allows that, although its schema requires instructions as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, Field, Tag

from swnb.commands.addresses import Address, Caller, HttpUrl, SwmlUrl
from swnb.commands.base import Command
from swnb.commands.models.swml import ScriptOrSwml, Swml
from swnb.commands.types import (
    Integer,
    Number,
    TextRule,
    about,
    either,
    matches,
)
from swnb.exchange import UUID

Codec = Literal[
    "OPUS",
    "OPUS@48000H@20I",
    "OPUS@24000H@20I",
    "OPUS@16000H@20I",
    "OPUS@8000H@20I",
    "G722",
    "PCMU",
    "PCMA",
    "G729",
    "VP8",
    "H264",
]
_MOST_BYTES = 1024
_SWML_EXAMPLE = Field(
    json_schema_extra={
        "example": {
            "version": "1.0.0",
            "sections": {"main": [{"play": {"url": "say:Hello"}}, "hangup"]},
        }
    }
)


def _are_codecs(value: str) -> bool:
    return {name.strip() for name in value.split(",")} <= set(get_args(Codec))


def _text_or_list(value: Any) -> str | None:
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, list) else None


Codecs = Annotated[
    Annotated[list[Codec], Tag("list")]
    | Annotated[
        str,
        AfterValidator(
            TextRule(
                f"codec names separated by commas, out of {', '.join(get_args(Codec))}", _are_codecs
            )
        ),
        Tag("text"),
    ],
    either(_text_or_list, "a list of codecs or a string with commas between them"),
]
Region = Annotated[
    Annotated[str, Tag("text")] | Annotated[list[str], Tag("list")],
    either(_text_or_list, "a region or a list of regions"),
]
VariableName = Annotated[
    str,
    AfterValidator(
        TextRule(
            "named with letters, digits and underscores, not beginning with a digit",
            matches("[A-Za-z_][A-Za-z0-9_]*"),
            kind="variable_name",
        )
    ),
    AfterValidator(
        TextRule(
            "named without the reserved prefixes signalwire_, sw_, rtc_ and internal_, in any case",
            matches("(?i)(?!signalwire_|sw_|rtc_|internal_).*"),
            kind="reserved_name",
        )
    ),
]
VariableValue = Annotated[
    str,
    AfterValidator(
        TextRule(
            f"a string of 1 to {_MOST_BYTES} bytes in UTF-8",
            lambda value: 1 <= len(value.encode()) <= _MOST_BYTES,
        )
    ),
]


def _at_most_one(names: tuple[str, ...], given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    first, *others = names
    if given.keys() >= {*names}:
        with_ = " and ".join(others)
        yield first, f"must not be given together with {with_}: one of them handles the call"


# What a call over REST and one over RELAY have alike.
Timeout = Annotated[
    Integer | None, about("The longest time to ring.", unit="seconds", ge=1, le=600)
]
Price = Annotated[
    Number | None,
    about(
        "The most expensive route to accept; the platform rejects the call if it costs more.",
        unit="US dollars",
        ge=0,
    ),
]


class Dial(Command):
    """Start a call to a number, a SIP or Verto address, or a client.

    The reply comes at once, while the call is still queued; its progress is posted to `status_url`
    for the chosen `status_events` and appears in the voice log. Exactly one of `url` and `swml` says
    what the call does once it is answered; `to` may be omitted only if `to_script` is given.
    """

    wire: ClassVar[str] = "dial"
    group: ClassVar[str] = "Calls"
    on_call: ClassVar[bool] = False
    one_of: ClassVar[tuple[str, ...]] = ("url", "swml")
    documents: ClassVar[tuple[str, ...]] = ("swml", "to_script")
    as_text: ClassVar[tuple[str, ...]] = ("to_script",)
    example: ClassVar[dict[str, Any]] = {
        "from": "+15550100",
        "to": "+15550101",
        "url": "https://example.com/swml",
        "status_url": "https://example.com/status",
        "status_events": ["answered", "ended"],
        "codecs": ["PCMU", "PCMA"],
        "timeout": 30,
        "max_price_per_minute": 0.05,
        "custom_variables": {"order_id": "ORD-12345"},
    }

    from_: Annotated[
        Caller,
        about(
            "The caller: one of your numbers in E.164; for SIP and Verto destinations also a SIP "
            "URI or a short caller-ID name."
        ),
    ]
    to: Annotated[
        Address | None,
        about(
            "The destination: a number in E.164, a sip:, sips:, verto: or client: address, or a "
            "Fabric address. Required unless to_script is given."
        ),
    ] = None
    url: Annotated[
        SwmlUrl | None, about("The URL of the SWML that handles the call. Instead of swml.")
    ] = None
    swml: Annotated[
        Swml | None,
        about("The SWML document that handles the call. Instead of url."),
        _SWML_EXAMPLE,
    ] = None
    to_script: Annotated[
        ScriptOrSwml | None,
        about("The SWML to run on the called side: a document, its JSON or YAML text, or its URL."),
    ] = None
    caller_id: Annotated[
        Caller | None,
        about("The caller ID to show: E.164; for SIP and Verto also a SIP URI or a name."),
    ] = None
    username: Annotated[
        str | None, about("The user name for a SIP destination that requires one; never returned.")
    ] = None
    password: Annotated[
        str | None, about("The password for a SIP destination that requires one; never returned.")
    ] = None
    fallback_url: Annotated[SwmlUrl | None, about("The URL to fetch SWML from if url fails.")] = (
        None
    )
    url_method: Annotated[
        Literal["GET", "POST"] | None, about("The HTTP method for url.", assumed="POST")
    ] = None
    status_url: Annotated[HttpUrl | None, about("The URL to post the chosen status events to.")] = (
        None
    )
    status_events: Annotated[
        list[Literal["created", "ringing", "answered", "ended"]] | None,
        about("Which call events to post to status_url.", assumed=["ended"]),
    ] = None
    timeout: Timeout = None
    send_digits: Annotated[
        Annotated[
            str,
            AfterValidator(
                TextRule(
                    "made of 0-9, A-D, *, #, w (wait) and commas (pause)",
                    matches("[0-9A-D*#w,]*"),
                )
            ),
        ]
        | None,
        about("DTMF digits to send once the call is answered; w waits, a comma pauses."),
    ] = None
    codecs: Annotated[
        Codecs | None,
        about("The codecs to offer; codecs named in a SIP URI in to take precedence."),
    ] = None
    region: Annotated[
        Region | None,
        about(
            "The region to route the call through, or several in order of preference; out of "
            "your project's regions."
        ),
    ] = None
    max_price_per_minute: Price = None
    custom_variables: Annotated[
        dict[VariableName, VariableValue] | None,
        about(
            "Strings that the call's SWML reads as ${envs.name}; at most 20. Names are "
            "case-sensitive and take precedence over the account's variables of the same name.",
            max_length=20,
        ),
    ] = None

    @classmethod
    def rules(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Require one of url and swml, and to if there is no to_script."""
        if not {*cls.one_of} & given.keys():
            yield "url", "one of url and swml is required: it handles the call"
        yield from _at_most_one(cls.one_of, given)
        if "to" not in given and "to_script" not in given:
            yield "to", "is required unless to_script is given"


class UpdateOwn(Command):  # it has no wire name: a `Call` reads its parameters, `Update` is sent
    """Cancel, complete or redirect a call in progress.

    `status="canceled"` works while the call is queued or ringing; `status="completed"` and a
    redirect by `url` or `swml` work once it is answered. A call that has ended cannot be updated.
    """

    group: ClassVar[str] = "Calls"
    on_call: ClassVar[bool] = False
    one_of: ClassVar[tuple[str, ...]] = ("url", "swml")
    documents: ClassVar[tuple[str, ...]] = ("swml",)

    status: Annotated[
        Literal["canceled", "completed"] | None,
        about("End the call: canceled before it is answered, completed after."),
    ] = None
    url: Annotated[
        SwmlUrl | None,
        about("The URL of the SWML that takes over. Instead of swml."),
    ] = None
    swml: Annotated[
        Swml | None, about("The SWML document that takes over. Instead of url."), _SWML_EXAMPLE
    ] = None
    fallback_url: Annotated[SwmlUrl | None, about("The URL to fetch SWML from if url fails.")] = (
        None
    )
    status_url: Annotated[
        HttpUrl | None, about("The URL to post the call's status to from now on.")
    ] = None

    @classmethod
    def method(cls) -> str:
        """Return the method's name, also for the form without an id."""
        return "update"

    @classmethod
    def rules(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Require something to do, and at most one of url and swml."""
        if not {"status", *cls.one_of} & given.keys():
            yield "", "needs one of status, url and swml"
        yield from _at_most_one(cls.one_of, given)


class Update(UpdateOwn):  # noqa: D101 - the same as the form without an id
    __doc__ = UpdateOwn.__doc__

    wire: ClassVar[str] = "update"
    example: ClassVar[dict[str, Any]] = {
        "id": "3b1c5a0e-5d3f-4a58-9a52-0c4f9f1d7e21",
        "url": "https://example.com/swml/next",
        "fallback_url": "https://example.com/swml/sorry",
    }

    id: Annotated[str, about("The call's id, a UUID.")]

    @classmethod
    def rules(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Require a UUID, unless `unchecked` is set."""
        call_id = given.get("id")
        if isinstance(call_id, str) and not given.get("unchecked") and not UUID.fullmatch(call_id):
            yield "id", "must be a UUID, as call ids are; unchecked=True sends it unchanged"
        yield from super().rules(given)
