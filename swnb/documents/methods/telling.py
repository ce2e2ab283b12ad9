"""Methods that send faxes, messages, requests and events, and take payments."""

from __future__ import annotations

from swnb.documents.shapes import (
    FLAG,
    FREE,
    INTEGER,
    NUMBER,
    TEXT,
    URL,
    enum,
    field,
    fields,
    listed,
    method,
)

_SECONDS = "seconds"
_PHRASE = fields(
    field("type*", "Whether it is spoken or played.", enum("Say", "Play")),
    field("phrase*", "The text to speak, or the URL to play.", TEXT),
)

METHODS = (
    method(
        "send_fax",
        "Send a fax.",
        fields(
            field("document*", "The URL of the PDF.", URL),
            field("header_info", "A line at the top of each page.", TEXT),
            field("identity", "The sender's number on the fax.", TEXT),
            field("status_url", "The URL to post the progress to.", URL),
        ),
    ),
    method(
        "receive_fax",
        "Receive a fax.",
        fields(field("status_url", "The URL to post the progress to.", URL)),
    ),
    method(
        "send_sms",
        "Send a text message, or one with media.",
        fields(
            field("to_number*", "The number to send to, in E.164.", TEXT),
            field("from_number*", "Your number to send from, in E.164.", TEXT),
            field("body", "The text.", TEXT),
            field("media", "URLs of what goes with it.", listed(TEXT)),
            field("region", "Where it is sent from.", TEXT),
            field("tags", "Words to find it by.", listed(TEXT)),
            field("status_callback", "Where to post the message's states.", TEXT),
            some_of=("body", "media"),
        ),
    ),
    method(
        "request",
        "Make an HTTP request.",
        fields(
            field("url*", "The URL; credentials may stand in it.", TEXT),
            field("method*", "The HTTP method.", enum("GET", "POST", "PUT", "DELETE")),
            field("headers", "HTTP headers.", FREE),
            field("body", "The body: text, or an object that is sent as JSON.", TEXT, FREE),
            field(
                "timeout",
                "The longest time for an answer; 0 is no limit.",
                NUMBER,
                unit=_SECONDS,
                assumed=0,
            ),
            field(
                "connect_timeout",
                "The longest time to connect; 0 is no limit.",
                NUMBER,
                unit=_SECONDS,
                assumed=0,
            ),
            field(
                "save_variables", "Keep the JSON that comes back as variables.", FLAG, assumed=False
            ),
        ),
    ),
    method(
        "user_event",
        "Send an event of your own to the client on the call.",
        fields(field("event*", "The event, an object of any content.", FREE)),
    ),
    method(
        "pay",
        "Collect a payment by DTMF.",
        fields(
            field("payment_connector_url*", "The URL that takes the payment.", URL),
            field("charge_amount", "The amount, as text.", TEXT),
            field("currency", "The currency.", TEXT, assumed="usd"),
            field("description", "What is paid for.", TEXT),
            field("input", "How the caller enters the card.", enum("dtmf"), assumed="dtmf"),
            field("language", "The language of the prompts.", TEXT, assumed="en-US"),
            field("max_attempts", "How often each entry may be tried.", INTEGER, assumed=1),
            field(
                "min_postal_code_length", "The fewest digits of a postal code.", INTEGER, assumed=0
            ),
            field(
                "parameters",
                "Parameters for the connector.",
                listed(
                    fields(
                        field("name*", "The parameter's name.", TEXT),
                        field("value*", "The parameter's value.", TEXT),
                    )
                ),
            ),
            field("payment_method", "What is paid with.", enum("credit-card")),
            field(
                "postal_code",
                "Whether to ask for the postal code, or the code itself.",
                FLAG,
                TEXT,
                assumed=True,
            ),
            field(
                "prompts",
                "Prompts of your own.",
                listed(
                    fields(
                        field("for*", "The step of the payment they are for.", TEXT),
                        field("actions*", "What is said or played.", listed(_PHRASE)),
                        field("attempts", "The attempts they are for.", TEXT),
                        field("card_type", "The cards they are for.", TEXT),
                        field("error_type", "The errors they are for.", TEXT),
                    )
                ),
            ),
            field("security_code", "Whether to ask for the card's code.", FLAG, assumed=True),
            field("status_url", "The URL to post the progress to.", URL),
            field("timeout", "The longest time for a digit.", INTEGER, unit=_SECONDS, assumed=5),
            field(
                "token_type",
                "Whether the token can be used again.",
                enum("one-time", "reusable"),
                assumed="reusable",
            ),
            field(
                "valid_card_types",
                "The cards to accept, with spaces between.",
                TEXT,
                assumed="visa mastercard amex",
            ),
            field("voice", "The voice of the prompts.", TEXT, assumed="woman"),
        ),
    ),
)
