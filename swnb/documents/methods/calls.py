"""Methods that answer, connect, queue and end a call."""

from __future__ import annotations

from swnb.documents.methods.flow import RESULT, RESULT_OF_NAMED
from swnb.documents.shapes import (
    FLAG,
    HTTP_METHOD,
    INTEGER,
    TEXT,
    TEXTS,
    URL,
    Shape,
    enum,
    field,
    fields,
    integer,
    listed,
    method,
)

CONFIRMING = (
    "cond",
    "set",
    "unset",
    "hangup",
    "play",
    "prompt",
    "record",
    "record_call",
    "stop_record_call",
    "tap",
    "stop_tap",
    "stream",
    "stop_stream",
    "send_digits",
    "send_sms",
    "denoise",
    "stop_denoise",
)
_SECONDS = "seconds"
# What a destination and a whole `connect` have alike.
_COMMON = (
    field("from", "The caller to show.", TEXT),
    field("from_name", "The caller's name to show.", TEXT),
    field(
        "headers",
        "SIP headers to send, for SIP destinations.",
        listed(
            fields(
                field("name*", "The header's name.", TEXT),
                field("value*", "The header's value.", TEXT),
            )
        ),
    ),
    field("codecs", "The codecs to offer, with commas between.", TEXT),
    field("webrtc_media", "Offer WebRTC media to SIP destinations.", FLAG, assumed=False),
    field("session_timeout", "The SIP session's timer.", integer(1), unit=_SECONDS, assumed=0),
    field("timeout", "The longest time to ring.", INTEGER, unit=_SECONDS, assumed=60),
    field(
        "confirm",
        "Steps, or a URL of them, that the called side runs before the legs are joined.",
        TEXT,
        Shape("steps", CONFIRMING),
    ),
    field("confirm_timeout", "The longest time for that.", INTEGER, unit=_SECONDS),
    field(
        "encryption",
        "Whether the media are encrypted.",
        enum("mandatory", "optional", "forbidden"),
        assumed="optional",
    ),
    field("call_state_url", "The URL to post the states of the called leg to.", URL),
    field(
        "call_state_events",
        "Which of them to post.",
        listed(enum("created", "ringing", "answered", "ended")),
        assumed=["ended"],
    ),
)
_STREAMED = (
    field("name", "A name for a stream, if the destination is one.", TEXT),
    field("codec", "The stream's codec.", TEXT),
    field("realtime", "Whether the stream is sent in real time.", FLAG, assumed=False),
    field("status_url_method", "The HTTP method for status_url.", HTTP_METHOD, assumed="POST"),
    field("authorization_bearer_token", "The token that a stream's server wants.", TEXT),
    field("custom_parameters", "Parameters for the stream's server.", TEXTS),
)
_CREDENTIALS = (
    field("username", "The user name for a SIP destination.", TEXT),
    field("password", "The password for a SIP destination.", TEXT),
)
_DESTINATION = fields(
    field("to*", "The number or address to call.", TEXT), *_COMMON, *_CREDENTIALS, *_STREAMED
)
_IN_ORDER = "Destinations that are called one after the other."
_TOGETHER = "Destinations that are called at once."
_EVENT_TYPE = enum("cxml", "laml", "relay")

METHODS = (
    method(
        "answer",
        "Answer the call.",
        fields(
            field(
                "max_duration",
                "The longest time of the call.",
                INTEGER,
                unit=_SECONDS,
                assumed=14400,
            ),
            field("codecs", "The codecs to accept, with commas between.", TEXT),
            *_CREDENTIALS,
        ),
    ),
    method(
        "hangup",
        "End the call.",
        fields(field("reason", "The reason to report.", enum("hangup", "busy", "decline"))),
    ),
    method(
        "connect",
        "Call another destination and join the legs.",
        fields(
            field("to", "The one number or address to call.", TEXT),
            field("serial", _IN_ORDER, listed(_DESTINATION)),
            field("parallel", _TOGETHER, listed(_DESTINATION)),
            field(
                "serial_parallel",
                "Groups of destinations: those of a group are called at once, the groups in turn.",
                listed(listed(_DESTINATION)),
            ),
            *_COMMON,
            field("ringback", "What the caller hears meanwhile, as sounds or URLs.", listed(TEXT)),
            field("result", "What to run by how it went.", *RESULT),
            field(
                "max_duration",
                "The longest time of the new leg.",
                INTEGER,
                unit=_SECONDS,
                assumed=14400,
            ),
            field(
                "answer_on_bridge",
                "Answer the caller only once the legs are joined.",
                FLAG,
                assumed=False,
            ),
            field("transfer_after_bridge", "What takes over once the other leg has hung up.", TEXT),
            field("status_url", "The URL to post the progress to.", URL),
            *_CREDENTIALS,
            *_STREAMED,
            one_of=("to", "serial", "parallel", "serial_parallel"),
        ),
    ),
    method(
        "sip_refer",
        "Refer a SIP caller to another address.",
        fields(
            field("to_uri*", "The SIP URI to refer to.", TEXT),
            field("status_url", "The URL to post the progress to.", URL),
            *_CREDENTIALS,
        ),
    ),
    method(
        "enter_queue",
        "Put the caller into a queue.",
        fields(
            field("queue_name*", "The queue, which is made if there is none of that name.", TEXT),
            field("transfer_after_bridge*", "What takes over once the bridge has ended.", TEXT),
            field("status_url", "The URL to post the queue's events to.", URL),
            field("wait_url", "The URL of what the caller hears while waiting.", URL),
            field(
                "wait_time", "The longest time to wait.", integer(1), unit=_SECONDS, assumed=3600
            ),
        ),
    ),
    method(
        "join_room",
        "Join a room of RELAY, and make it if need be.",
        fields(field("name*", "The room's name.", TEXT)),
    ),
    method(
        "join_conference",
        "Join an audio conference, and make it if need be.",
        fields(
            field("name*", "The conference's name.", TEXT),
            field("muted", "Join without a voice.", FLAG, assumed=False),
            field(
                "beep", "When to beep.", enum("true", "false", "onEnter", "onExit"), assumed="true"
            ),
            field("start_on_enter", "Begin the conference with this caller.", FLAG, assumed=True),
            field("end_on_exit", "End the conference with this caller.", FLAG, assumed=False),
            field("wait_url", "The URL of what is heard before it begins.", URL),
            field(
                "max_participants", "How many may take part.", integer(2, 100_000), assumed=100_000
            ),
            field(
                "record",
                "Whether it is recorded.",
                enum("do-not-record", "record-from-start"),
                assumed="do-not-record",
            ),
            field("region", "Where it is mixed.", enum("global", "us", "eu", "ch")),
            field(
                "trim",
                "Whether silence is cut out of the recording.",
                enum("trim-silence", "do-not-trim"),
                assumed="trim-silence",
            ),
            field("coach", "The id of the call that this caller whispers to.", TEXT),
            field("status_callback_event", "Which events to post, with spaces between.", TEXT),
            field("status_callback_event_type", "The form in which they are posted.", _EVENT_TYPE),
            field("status_callback", "The URL to post them to.", URL),
            field(
                "status_callback_method",
                "The HTTP method for that URL.",
                HTTP_METHOD,
                assumed="POST",
            ),
            field("recording_status_callback", "The URL to post the recording's events to.", URL),
            field(
                "recording_status_callback_method",
                "The HTTP method for that URL.",
                HTTP_METHOD,
                assumed="POST",
            ),
            field("recording_status_callback_event", "Which of its events to post.", TEXT),
            field(
                "recording_status_callback_event_type",
                "The form in which those are posted.",
                _EVENT_TYPE,
            ),
            field("result", "What to run by how it ended.", *RESULT_OF_NAMED),
            field(
                "stream",
                "A stream of the conference's audio.",
                fields(
                    field("url*", "The URL of the stream's server.", URL),
                    field("status_url", "The URL to post its progress to.", URL),
                    *_STREAMED,
                ),
            ),
        ),
    ),
)
