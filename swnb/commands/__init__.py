"""The catalogue of the 42 Calling API commands: one frozen model each, and nothing else.

Everything about a command is said once, in its model; the client's methods, the forms, the magics,
the simulated space and the reference page are all read off it. `COMMANDS` holds the models by
method name (`play_pause`), in the order of the platform's own table.
"""

from __future__ import annotations

from difflib import get_close_matches

from swnb.commands.base import ESCAPES, Command, wire_name
from swnb.commands.models.ai import AiHold, AiMessage, AiStop, AiUnhold
from swnb.commands.models.audio import (
    Denoise,
    DenoiseStop,
    Stream,
    StreamStop,
    Tap,
    TapStop,
    Transcribe,
    TranscribeStop,
)
from swnb.commands.models.calls import (
    Disconnect,
    End,
    ReceiveFaxStop,
    Refer,
    SendFaxStop,
    Transfer,
    UserEvent,
)
from swnb.commands.models.dial import Dial, Update, UpdateOwn
from swnb.commands.models.input import (
    Collect,
    CollectStartInputTimers,
    CollectStop,
    Detect,
    DetectStop,
)
from swnb.commands.models.live import LiveTranscribe, LiveTranslate
from swnb.commands.models.media import (
    Play,
    PlayPause,
    PlayResume,
    PlayStop,
    PlayVolume,
    Record,
    RecordPause,
    RecordResume,
    RecordStop,
)
from swnb.commands.models.sidecar import (
    AiSidecar,
    AiSidecarAsk,
    AiSidecarPoke,
    AiSidecarStatus,
    AiSidecarStop,
)
from swnb.commands.values import printable
from swnb.errors import Problem, UnknownCommand

__all__ = [
    "COMMANDS",
    "ESCAPES",
    "AiHold",
    "AiMessage",
    "AiSidecar",
    "AiSidecarAsk",
    "AiSidecarPoke",
    "AiSidecarStatus",
    "AiSidecarStop",
    "AiStop",
    "AiUnhold",
    "Collect",
    "CollectStartInputTimers",
    "CollectStop",
    "Command",
    "Denoise",
    "DenoiseStop",
    "Detect",
    "DetectStop",
    "Dial",
    "Disconnect",
    "End",
    "LiveTranscribe",
    "LiveTranslate",
    "Play",
    "PlayPause",
    "PlayResume",
    "PlayStop",
    "PlayVolume",
    "ReceiveFaxStop",
    "Record",
    "RecordPause",
    "RecordResume",
    "RecordStop",
    "Refer",
    "SendFaxStop",
    "Stream",
    "StreamStop",
    "Tap",
    "TapStop",
    "Transcribe",
    "TranscribeStop",
    "Transfer",
    "Update",
    "UpdateOwn",
    "UserEvent",
    "find",
    "printable",
    "wire_name",
]

_MODELS: tuple[type[Command], ...] = (
    Dial,
    Update,
    End,
    Transfer,
    Disconnect,
    Play,
    PlayPause,
    PlayResume,
    PlayStop,
    PlayVolume,
    Record,
    RecordPause,
    RecordResume,
    RecordStop,
    Collect,
    CollectStop,
    CollectStartInputTimers,
    Detect,
    DetectStop,
    Tap,
    TapStop,
    Transcribe,
    TranscribeStop,
    Stream,
    StreamStop,
    Denoise,
    DenoiseStop,
    AiHold,
    AiUnhold,
    AiMessage,
    AiStop,
    AiSidecar,
    AiSidecarPoke,
    AiSidecarAsk,
    AiSidecarStop,
    AiSidecarStatus,
    LiveTranscribe,
    LiveTranslate,
    SendFaxStop,
    ReceiveFaxStop,
    Refer,
    UserEvent,
)

COMMANDS: dict[str, type[Command]] = {model.method(): model for model in _MODELS}


def find(name: str) -> type[Command]:
    """Find a command by its method name (`play_pause`) or wire name (`calling.play.pause`).

    Raises `UnknownCommand` with the closest name there is.
    """
    model = COMMANDS.get(name) or Command.catalogue.get(name)
    if model is None:
        names = {model.wire: method for method, model in COMMANDS.items()}
        names |= {method: method for method in COMMANDS}
        close = get_close_matches(name, names, n=1)
        hint = f"did you mean {names[close[0]]!r}?" if close else f"known are {', '.join(COMMANDS)}"
        raise UnknownCommand("command", [Problem("", f"there is no such command; {hint}")])
    return model
