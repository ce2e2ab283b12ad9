"""Methods that play, ask, record, listen and send digits."""

from __future__ import annotations

from swnb.documents.shapes import (
    FLAG,
    HTTP_METHOD,
    INTEGER,
    NUMBER,
    SOUND,
    TEXT,
    TEXTS,
    URL,
    Field,
    enum,
    field,
    fields,
    integer,
    listed,
    method,
    number,
)

_SECONDS = "seconds"
_STATUS = field("status_url", "The URL to post the progress to.", URL)
_VOICED = (
    field("volume", "How much louder or softer.", number(-40, 40), unit="dB", assumed=0),
    field("say_voice", "The voice for spoken text.", TEXT, assumed="Polly.Salli"),
    field("say_language", "The language of spoken text.", TEXT, assumed="en-US"),
    field("say_gender", "The gender of the voice.", TEXT, assumed="female"),
)
_STOPPED = fields(field("control_id", "Which one; the latest if it is left out.", TEXT))
_NAMED = field("control_id", "The name by which it can be stopped.", TEXT)


def _recording(*, both: bool) -> tuple[Field, ...]:
    directions = ("speak", "listen", "both") if both else ("speak", "listen")
    return (
        field("stereo", "Record each side on a channel of its own.", FLAG, assumed=False),
        field("format", "The format of the file.", enum("wav", "mp3", "mp4"), assumed="wav"),
        field(
            "direction",
            "Which side to record.",
            enum(*directions),
            assumed="both" if both else "speak",
        ),
        field("terminators", "The digits that stop it.", TEXT, assumed="" if both else "#"),
        field("beep", "Beep before it begins.", FLAG, assumed=False),
        field("input_sensitivity", "How loud a sound must be to count.", NUMBER, assumed=44),
        field(
            "initial_timeout",
            "How long to wait for a first sound.",
            NUMBER,
            unit=_SECONDS,
            assumed=0 if both else 4,
        ),
        field(
            "end_silence_timeout",
            "The silence that ends it.",
            NUMBER,
            unit=_SECONDS,
            assumed=0 if both else 5,
        ),
        field("max_length", "The longest recording.", NUMBER, unit=_SECONDS),
        _STATUS,
    )


METHODS = (
    method(
        "play",
        "Play files, speech, silence or a ring.",
        fields(
            field("url", "One sound: a URL, or say:, silence: or ring: with what follows.", SOUND),
            field("urls", "Several, one after the other.", listed(SOUND)),
            field("auto_answer", "Answer the call first if need be.", FLAG, assumed=True),
            *_VOICED,
            _STATUS,
            one_of=("url", "urls"),
        ),
    ),
    method(
        "prompt",
        "Play something and collect digits or speech.",
        fields(
            field("play*", "One sound or several.", SOUND, listed(SOUND)),
            *_VOICED,
            field("max_digits", "How many digits to collect.", INTEGER, assumed=1),
            field("terminators", "The digits that end the input.", TEXT),
            field(
                "digit_timeout",
                "The longest time between digits.",
                NUMBER,
                unit=_SECONDS,
                assumed=5,
            ),
            field(
                "initial_timeout",
                "The longest time to a first input.",
                NUMBER,
                unit=_SECONDS,
                assumed=5,
            ),
            field("speech_timeout", "The longest speech.", NUMBER, unit=_SECONDS),
            field("speech_end_timeout", "The silence that ends speech.", NUMBER, unit=_SECONDS),
            field("speech_language", "The language to recognize.", TEXT),
            field("speech_hints", "Words to expect.", listed(TEXT)),
            field("speech_engine", "What recognizes speech.", TEXT),
            _STATUS,
        ),
    ),
    method("record", "Record in the foreground.", fields(*_recording(both=False))),
    method("record_call", "Record in the background.", fields(_NAMED, *_recording(both=True))),
    method("stop_record_call", "Stop a background recording.", _STOPPED),
    method(
        "send_digits",
        "Send DTMF digits.",
        fields(field("digits*", "The digits; w waits half a second, W a whole one.", TEXT)),
    ),
    method("denoise", "Begin to reduce noise."),
    method("stop_denoise", "Stop reducing noise."),
    method(
        "detect_machine",
        "Find out whether a person, a machine or a fax answered.",
        fields(
            field(
                "detect_message_end",
                "Wait for the end of a machine's greeting.",
                FLAG,
                assumed=False,
            ),
            field("detectors", "What to look for, with commas between.", TEXT, assumed="amd,fax"),
            field(
                "end_silence_timeout",
                "The silence that ends a voice.",
                number(0),
                unit=_SECONDS,
                assumed=1,
            ),
            field(
                "initial_timeout",
                "How long to wait for a voice.",
                number(0),
                unit=_SECONDS,
                assumed=4.5,
            ),
            field(
                "machine_ready_timeout",
                "How long to wait until a machine is ready.",
                number(0),
                unit=_SECONDS,
            ),
            field(
                "machine_voice_threshold",
                "A voice longer than this is a machine's.",
                number(0),
                unit=_SECONDS,
                assumed=1.25,
            ),
            field(
                "machine_words_threshold",
                "More words than this are a machine's.",
                integer(0),
                assumed=6,
            ),
            _STATUS,
            field("timeout", "The longest time to look.", number(0), unit=_SECONDS, assumed=30),
            field("tone", "The fax tone to look for.", enum("CED", "CNG"), assumed="CED"),
            field("wait", "Go on only once there is a result.", FLAG, assumed=True),
        ),
    ),
    method(
        "stream",
        "Send the call's audio to a WebSocket.",
        fields(
            field("url*", "The server's URL.", TEXT),
            _NAMED,
            field("name", "A name for the stream.", TEXT),
            field(
                "track",
                "Which side to send.",
                enum("inbound_track", "outbound_track", "both_tracks"),
                assumed="inbound_track",
            ),
            field("codec", "The codec to send.", TEXT),
            _STATUS,
            field(
                "status_url_method", "The HTTP method for status_url.", HTTP_METHOD, assumed="POST"
            ),
            field("authorization_bearer_token", "The token that the server wants.", TEXT),
            field("custom_parameters", "Parameters for the server.", TEXTS),
        ),
    ),
    method("stop_stream", "Stop a stream.", _STOPPED),
    method(
        "tap",
        "Send the call's audio to RTP or a WebSocket, as it is.",
        fields(
            field("uri*", "Where to send it.", TEXT),
            _NAMED,
            field(
                "direction", "Which side to send.", enum("speak", "listen", "both"), assumed="speak"
            ),
            field("codec", "The codec to send.", enum("PCMU", "PCMA"), assumed="PCMU"),
            field(
                "rtp_ptime",
                "The length of a packet, for RTP.",
                INTEGER,
                unit="milliseconds",
                assumed=20,
            ),
            _STATUS,
        ),
    ),
    method("stop_tap", "Stop a tap.", _STOPPED),
)
