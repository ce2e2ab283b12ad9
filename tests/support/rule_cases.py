"""What keeps and what breaks each rule that the platform states in prose.

`ACCEPTED` holds (method, params), `REFUSED` (method, params, path of the problem, words of it).
"""

from __future__ import annotations

from typing import Any

ID = "3b1c5a0e-5d3f-4a58-9a52-0c4f9f1d7e21"
SWML = {"sections": {"main": []}}
URL = "https://example.com/swml"
TTS = {"type": "tts", "params": {"text": "Hello"}}


def dial(**more: Any) -> dict[str, Any]:
    return {"from": "+15550100", "to": "+15550101", "url": URL, **more}


def voiced(voice: str) -> dict[str, Any]:
    item = {"type": "tts", "params": {"text": "Hello", "voice": voice}}
    return {"control_id": "a", "play": [item]}


def silent(seconds: float) -> dict[str, Any]:
    return {"control_id": "a", "play": [{"type": "silence", "params": {"duration": seconds}}]}


def recorded(**audio: Any) -> dict[str, Any]:
    return {"control_id": "a", "record": {"audio": audio}}


def collected(**digits: Any) -> dict[str, Any]:
    return {"control_id": "a", "digits": {"max": 4, **digits}}


def spoken(**speech: Any) -> dict[str, Any]:
    return {"control_id": "a", "speech": speech}


def detected(kind: str, **params: Any) -> dict[str, Any]:
    return {"control_id": "a", "detect": {"type": kind, "params": params}}


def tapped(kind: str, **params: Any) -> dict[str, Any]:
    tap = {"type": "audio", "params": {"direction": "both"}}
    return {"control_id": "a", "tap": tap, "device": {"type": kind, "params": params}}


def rtp(addr: str, **more: Any) -> dict[str, Any]:
    return tapped("rtp", addr=addr, port=4000, **more)


def referred(**params: Any) -> dict[str, Any]:
    return {"device": {"type": "sip", "params": {"to": "sip:a@example.com", **params}}}


def transcribed(**start: Any) -> dict[str, Any]:
    return {"action": {"start": {"lang": "en-US", "direction": ["remote-caller"], **start}}}


def translated(**start: Any) -> dict[str, Any]:
    langs = {"from_lang": "en-US", "to_lang": "es-ES", "direction": ["local-caller"]}
    return {"action": {"start": {**langs, **start}}}


def sidecar(**more: Any) -> dict[str, Any]:
    return {"lang": "en-US", **more}


def variables(count: int) -> dict[str, str]:
    return {f"name_{number}": "value" for number in range(count)}


ACCEPTED = [
    ("dial", dial()),
    ("dial", {"from": "sip:me@example.com", "to": "verto:you@example.com", "swml": SWML}),
    ("dial", {"from": "front-desk", "to_script": SWML, "url": URL}),
    ("dial", {"from": "front-desk", "to_script": "sections:\n  main: []", "url": "/route"}),
    ("dial", dial(custom_variables=variables(20))),
    ("dial", dial(custom_variables={"_a1": "é" * 512, "switch": " ", "Rtc": "x"})),
    ("dial", dial(send_digits="0123456789ABCD*#w,")),
    ("dial", dial(codecs="PCMU,OPUS@8000H@20I")),
    ("dial", dial(codecs="PCMU, PCMA")),
    ("dial", dial(codecs=["G722"], region=["us-east", "us-west"])),
    ("dial", dial(region="us-east", max_price_per_minute=0)),
    ("dial", dial(status_url="HTTP://user:word@[2001:db8::1]:8080/a?b#c")),
    ("dial", {"from": "a", "to": "b", "swml": {**SWML, "version": "1.0.0"}}),
    ("update", {"id": ID, "status": "completed"}),
    ("update", {"id": ID, "url": URL, "status": "canceled"}),
    ("update", {"id": ID.upper(), "swml": SWML}),
    ("transfer", {"dest": SWML}),
    ("transfer", {"dest": "+15550100"}),
    ("refer", referred(**{"from": "sip:b@example.com"})),
    ("play", voiced("en-US-Neural2-A")),
    ("play", voiced("elevenlabs.josh")),
    ("play", voiced("some_voice")),
    ("play", silent(0.001)),
    ("play", {"control_id": "a", "play": [{"type": "ringtone", "params": {"name": "bong"}}]}),
    ("record", recorded()),
    ("record", recorded(terminators="09adAD*#", input_sensitivity=100)),
    ("collect", collected(terminators="")),
    ("collect", spoken()),
    ("collect", spoken(speech_timeout=0.5)),
    ("detect", detected("digit", digits="")),
    ("detect", detected("fax", tone="ced")),
    ("detect", {"control_id": "a", "detect": {"type": "machine"}, "timeout": 0}),
    ("tap", rtp("8.8.8.8", ptime=20)),
    ("tap", rtp("192.0.2.1", ptime=20.0)),
    ("tap", rtp("198.51.100.42")),
    ("tap", rtp("203.0.113.255")),
    ("tap", tapped("ws", uri="ws://example.com")),
    ("tap", tapped("ws", uri="wss://example.com:8443/a", codec="opus")),
    ("stream", {"control_id": "a", "url": "wss://example.com/a", "codec": "anything"}),
    ("ai_hold", {"timeout": "300"}),
    ("ai_hold", {}),
    ("ai_message", {"role": "user"}),
    ("live_transcribe", {"action": "stop"}),
    ("live_transcribe", {"action": {"summarize": {}}}),
    ("live_transcribe", transcribed(vad_thresh=1800, debug_level=2)),
    ("live_translate", {"action": {"inject": {"message": "Hi", "direction": "local-caller"}}}),
    ("live_translate", translated(filter_from="gen-z", filter_to="prompt:be kind")),
    ("ai_sidecar", sidecar(direction=["local-caller", "remote-caller"])),
    ("ai_sidecar", sidecar(url="https://user:word@example.com", model="some-other-model")),
    ("ai_sidecar", sidecar(prompt="Advise")),
    ("ai_sidecar", sidecar(prompt={"text": "Advise"})),
    ("ai_sidecar", sidecar(prompt={"file": "advise.md"})),
    ("ai_sidecar", sidecar(prompt={"pom": [{"body": "Advise", "bullets": ["Be brief"]}]})),
    ("ai_sidecar", sidecar(action={"summarize": {}})),
]

REFUSED = [
    ("dial", {"from": "a", "to": "b"}, "url", "one of url and swml"),
    ("dial", dial(swml=SWML), "url", "must not be given together with swml"),
    ("dial", {"from": "a", "url": URL}, "to", "required unless to_script is given"),
    ("dial", dial(to=""), "to", "must not be empty"),
    ("dial", {**dial(), "from": ""}, "from", "must not be empty"),
    ("dial", {"from": "a", "to_script": "", "url": URL}, "to_script", "must not be empty"),
    ("dial", dial(custom_variables=variables(21)), "custom_variables", "at most 20"),
    ("dial", dial(custom_variables={"1a": "x"}), "custom_variables.1a", "digit"),
    ("dial", dial(custom_variables={"a-b": "x"}), "custom_variables.a-b", "underscores"),
    ("dial", dial(custom_variables={"é": "x"}), "custom_variables.é", "letters"),
    ("dial", dial(custom_variables={"sw_a": "x"}), "custom_variables.sw_a", "reserved"),
    ("dial", dial(custom_variables={"RTC_a": "x"}), "custom_variables.RTC_a", "reserved"),
    ("dial", dial(custom_variables={"Internal_": "x"}), "custom_variables.Internal_", "reserved"),
    ("dial", dial(custom_variables={"SignalWire_a": "x"}), "custom_variables.SignalWire_a", "res"),
    ("dial", dial(custom_variables={"a": ""}), "custom_variables.a", "1 to 1024 bytes"),
    ("dial", dial(custom_variables={"a": "é" * 513}), "custom_variables.a", "1024 bytes"),
    ("dial", dial(custom_variables={"a": "\ud800" * 342}), "custom_variables.a", "\\ud800"),
    ("dial", dial(custom_variables={"a": None}), "custom_variables.a", "string"),
    ("dial", dial(send_digits="12a"), "send_digits", "0-9, A-D"),
    ("dial", dial(send_digits="1W"), "send_digits", "w (wait)"),
    ("dial", dial(codecs="PCMU,MP3"), "codecs", "PCMA"),
    ("dial", dial(codecs=""), "codecs", "PCMA"),
    ("dial", dial(codecs=["MP3"]), "codecs[0]", "PCMA"),
    ("dial", dial(codecs={"PCMU": 1}), "codecs", "a list of codecs or a string"),
    ("dial", dial(region=5), "region", "a region or a list of regions"),
    ("dial", dial(status_url="ftp://example.com"), "status_url", "http://"),
    ("dial", dial(status_url="https://"), "status_url", "http://"),
    ("dial", dial(status_url="example.com"), "status_url", "http://"),
    ("dial", dial(status_url="https://exa mple.com"), "status_url", "http://"),
    ("dial", dial(status_url=" https://example.com"), "status_url", "http://"),
    ("dial", dial(status_url="https://[::1"), "status_url", "http://"),
    ("dial", dial(status_url="https://example.com:port"), "status_url", "http://"),
    ("dial", {"from": "a", "to": "b", "swml": {}}, "swml.sections", "is required"),
    (
        "dial",
        {"from": "a", "to": "b", "swml": {"sections": []}},
        "swml.sections",
        "it must have main",
    ),
    (
        "dial",
        {"from": "a", "to": "b", "swml": {"sections": {"main": {}}}},
        "swml.sections.main",
        "a list",
    ),
    ("dial", {"from": "a", "to": "b", "swml": {**SWML, "version": "2"}}, "swml.version", "1.0.0"),
    ("dial", {"from": "a", "to": "b", "swml": {**SWML, "version": None}}, "swml.version", "1.0.0"),
    (
        "dial",
        {"from": "a", "to": "b", "swml": {"sections": {"main": [{"set": {"x": {1}}}]}}},
        "swml.sections.main[0].set.x",
        "list",
    ),
    ("dial", {"from": "a", "to": "b", "swml": "sections: {}"}, "swml", "an object"),
    ("dial", dial(to_script=5), "to_script", "a string or a SWML document"),
    ("update", {"id": ID}, "", "one of status, url and swml"),
    ("update", {"id": ID, "fallback_url": URL}, "", "one of status, url and swml"),
    ("update", {"id": ID, "url": URL, "swml": SWML}, "url", "together with swml"),
    ("update", {"id": "the-call", "status": "completed"}, "id", "must be a UUID"),
    ("transfer", {"dest": ""}, "dest", "must not be empty"),
    ("transfer", {"dest": {}}, "dest.sections", "is required"),
    ("refer", referred(to="sips:a@example.com"), "device.params.to", "sip:"),
    ("refer", referred(to="sip:"), "device.params.to", "sip:"),
    ("refer", referred(**{"from": "+15550100"}), "device.params.from", "sip:"),
    ("play", {"play": [TTS], "control_id": ""}, "control_id", "non-empty"),
    ("play", {"play": [TTS], "control_id": "a", "voice": "a b"}, "voice", "hyphens"),
    ("play", voiced("a:b"), "play[0].params.voice", "hyphens"),
    ("play", silent(0), "play[0].params.duration", "more than 0 (seconds)"),
    ("record", {"control_id": "a", "record": {"format": "mp3"}}, "record.audio", "required"),
    ("record", recorded(terminators="1w"), "record.audio.terminators", "DTMF"),
    ("collect", {"control_id": "a"}, "", "digits, speech, or both"),
    ("collect", collected(max=0), "digits.max", "more than 0"),
    ("collect", collected(terminators="E"), "digits.terminators", "DTMF"),
    ("collect", collected(digit_timeout=0), "digits.digit_timeout", "more than 0"),
    ("collect", {**spoken(), "initial_timeout": 0}, "initial_timeout", "more than 0 (seconds)"),
    ("collect", spoken(speech_timeout=0), "speech.speech_timeout", "more than 0 (seconds)"),
    ("collect", spoken(end_silence_timeout=-1), "speech.end_silence_timeout", "more than 0"),
    ("collect", spoken(engine="deepgram"), "speech.engine", "Deepgram"),
    ("detect", detected("digit", digits="w"), "detect.params.digits", "DTMF"),
    ("detect", detected("fax", digits="1"), "detect.params.digits", "not a parameter"),
    ("detect", detected("voice"), "detect.type", "machine"),
    ("tap", tapped("ws", uri="http://example.com"), "device.params.uri", "ws://"),
    ("tap", rtp("8.8.8.8", ptime=25), "device.params.ptime", "a multiple of 10"),
    ("tap", rtp("8.8.8.8", ptime="20"), "device.params.ptime", "a number"),
    ("stream", {"control_id": "a", "url": "ws://example.com"}, "url", "wss://"),
    ("stream", {"control_id": "a", "url": "wss://"}, "url", "wss://"),
    ("ai_hold", {"timeout": 300}, "timeout", "must be a string"),
    ("ai_hold", {"timeout": "5m"}, "timeout", "a whole number of seconds as a string"),
    ("ai_hold", {"timeout": "١٢"}, "timeout", "a whole number of seconds as a string"),
    ("live_transcribe", {"action": "start"}, "action", '"stop" or an object'),
    ("live_transcribe", {"action": {}}, "action", "one of start and summarize"),
    ("live_transcribe", {"action": {"inject": {}}}, "action", "one of start and summarize"),
    ("live_transcribe", {"action": {"start": {}, "summarize": {}}}, "action", "one of start"),
    ("live_transcribe", transcribed(vad_thresh=1801), "action.start.vad_thresh", "1800"),
    ("live_transcribe", transcribed(vad_thresh=-1), "action.start.vad_thresh", "at least 0"),
    ("live_transcribe", transcribed(debug_level=3), "action.start.debug_level", "at most 2"),
    ("live_transcribe", transcribed(lang=None), "action.start.lang", "string"),
    ("live_translate", {"action": {"inject": {}}}, "action.inject.message", "required"),
    ("live_translate", translated(vad_thresh=1801), "action.start.vad_thresh", "1800"),
    ("live_translate", translated(debug_level=3), "action.start.debug_level", "at most 2"),
    ("live_translate", translated(filter_to="kind"), "action.start.filter_to", "shakespeare"),
    ("live_translate", translated(filter_to="prompt:"), "action.start.filter_to", "prompt:"),
    ("ai_sidecar", sidecar(direction=["local-caller"]), "direction", "both legs"),
    ("ai_sidecar", sidecar(direction=[]), "direction", "both legs"),
    ("ai_sidecar", sidecar(url="example.com"), "url", "http://"),
    ("ai_sidecar", sidecar(prompt={}), "prompt", "one of text, pom and file"),
    ("ai_sidecar", sidecar(prompt={"text": "a", "file": "b"}), "prompt", "one of text, pom"),
    ("ai_sidecar", sidecar(prompt={"pom": [{"title": "a"}]}), "prompt.pom[0]", "body, bullets"),
    ("ai_sidecar", sidecar(prompt={"pom": []}), "prompt.pom", "at least 1"),
    ("ai_sidecar", sidecar(hints=[]), "hints", "at least 1"),
]
