"""The catalogue of the 42 Calling API commands: one frozen model each, and nothing else.

Everything about a command is written once, in its model; the client's methods, the forms, the
magics, the simulated space and the reference page are all derived from it. `COMMANDS` holds the models by
method name (`play_pause`), in the order of the platform's own table.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import get_args

from swnb.commands.base import Command as Command
from swnb.commands.models.ai import (
    AiHold as AiHold,
    AiMessage as AiMessage,
    AiStop as AiStop,
    AiUnhold as AiUnhold,
)
from swnb.commands.models.audio import (
    Denoise as Denoise,
    DenoiseStop as DenoiseStop,
    Stream as Stream,
    StreamStop as StreamStop,
    Tap as Tap,
    TapStop as TapStop,
    Transcribe as Transcribe,
    TranscribeStop as TranscribeStop,
)
from swnb.commands.models.calls import (
    Disconnect as Disconnect,
    End as End,
    ReceiveFaxStop as ReceiveFaxStop,
    Refer as Refer,
    SendFaxStop as SendFaxStop,
    Transfer as Transfer,
    UserEvent as UserEvent,
)
from swnb.commands.models.dial import (
    Dial as Dial,
    Update as Update,
    UpdateOwn as UpdateOwn,
)
from swnb.commands.models.input import (
    Collect as Collect,
    CollectStartInputTimers as CollectStartInputTimers,
    CollectStop as CollectStop,
    Detect as Detect,
    DetectStop as DetectStop,
)
from swnb.commands.models.live import (
    LiveTranscribe as LiveTranscribe,
    LiveTranslate as LiveTranslate,
)
from swnb.commands.models.media import (
    Play as Play,
    PlayPause as PlayPause,
    PlayResume as PlayResume,
    PlayStop as PlayStop,
    PlayVolume as PlayVolume,
    Record as Record,
    RecordPause as RecordPause,
    RecordResume as RecordResume,
    RecordStop as RecordStop,
)
from swnb.commands.models.relay import (
    Answer as Answer,
    RelayDial as RelayDial,
)
from swnb.commands.models.sidecar import (
    AiSidecar as AiSidecar,
    AiSidecarAsk as AiSidecarAsk,
    AiSidecarPoke as AiSidecarPoke,
    AiSidecarStatus as AiSidecarStatus,
    AiSidecarStop as AiSidecarStop,
)
from swnb.commands.names import CommandName as CommandName
from swnb.commands.types import (
    ESCAPES as ESCAPES,
    wire_name as wire_name,
)
from swnb.errors import Problem, UnknownCommand
from swnb.json_values import printable as printable

_MODELS = {model.method(): model for model in Command.catalogue.values()}
COMMANDS: dict[str, type[Command]] = {name: _MODELS[name] for name in get_args(CommandName)}


def find(name: str) -> type[Command]:
    """Return a command's model by its method name or wire name.

    Parameters
    ----------
    name : str
        The method name (`play_pause`) or the wire name (`calling.play.pause`).

    Returns
    -------
    type of Command
        The model of the command.

    Raises
    ------
    UnknownCommand
        If there is no such command; the message names the closest one.

    """
    model = COMMANDS.get(name) or Command.catalogue.get(name)
    if model is None:
        names = {model.wire: method for method, model in COMMANDS.items()}
        names |= {method: method for method in COMMANDS}
        close = get_close_matches(name, names, n=1)
        hint = (
            f"did you mean {names[close[0]]!r}?"
            if close
            else f"the commands are {', '.join(COMMANDS)}"
        )
        raise UnknownCommand("command", [Problem("", f"there is no such command; {hint}")])
    return model
