"""swnb: SignalWire's Calling API in a notebook.

    import swnb

    sw = swnb.simulate()            # or swnb.Client() on a space of your own
    call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
    call.user_event(event={"action": "order.confirmed"})
    call.end()
    sw.log.df

Names are loaded when they are first used, so `import swnb` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swnb.client import (
        Budget as Budget,
    )
    from swnb.client import (
        Call as Call,
    )
    from swnb.client import (
        CallLeg as CallLeg,
    )
    from swnb.client import (
        CallReply as CallReply,
    )
    from swnb.client import (
        Client as Client,
    )
    from swnb.client import (
        DryRun as DryRun,
    )
    from swnb.client import (
        FabricDeviceLeg as FabricDeviceLeg,
    )
    from swnb.client import (
        Reply as Reply,
    )
    from swnb.client import (
        SidecarStatus as SidecarStatus,
    )
    from swnb.client import (
        SyncReport as SyncReport,
    )
    from swnb.client import (
        VoiceLog as VoiceLog,
    )
    from swnb.client import (
        VoiceLogs as VoiceLogs,
    )
    from swnb.client.simulated import SimulatedClient as SimulatedClient
    from swnb.client.simulated import simulate as simulate
    from swnb.commands import COMMANDS as COMMANDS
    from swnb.errors import (
        ApiError as ApiError,
    )
    from swnb.errors import (
        BudgetExceeded as BudgetExceeded,
    )
    from swnb.errors import (
        ConfigurationError as ConfigurationError,
    )
    from swnb.errors import (
        ConnectionFailed as ConnectionFailed,
    )
    from swnb.errors import (
        DamagedRow as DamagedRow,
    )
    from swnb.errors import (
        DamagedTables as DamagedTables,
    )
    from swnb.errors import (
        InvalidCommand as InvalidCommand,
    )
    from swnb.errors import (
        LogError as LogError,
    )
    from swnb.errors import (
        LogWarning as LogWarning,
    )
    from swnb.errors import (
        NoRecording as NoRecording,
    )
    from swnb.errors import (
        NotCopied as NotCopied,
    )
    from swnb.errors import (
        OutcomeUnknown as OutcomeUnknown,
    )
    from swnb.errors import (
        RateLimited as RateLimited,
    )
    from swnb.errors import (
        RecordingError as RecordingError,
    )
    from swnb.errors import (
        RecordingWarning as RecordingWarning,
    )
    from swnb.errors import (
        Redirected as Redirected,
    )
    from swnb.errors import (
        RunsDiffer as RunsDiffer,
    )
    from swnb.errors import (
        SendError as SendError,
    )
    from swnb.errors import (
        SwnbError as SwnbError,
    )
    from swnb.errors import (
        SwnbWarning as SwnbWarning,
    )
    from swnb.errors import (
        Unavailable as Unavailable,
    )
    from swnb.errors import (
        UnknownCommand as UnknownCommand,
    )
    from swnb.errors import (
        UnreadableReply as UnreadableReply,
    )
    from swnb.exchange import Exchange as Exchange
    from swnb.log import Log as Log
    from swnb.runs import assert_same as assert_same
    from swnb.runs import compare as compare
    from swnb.runs import replay as replay
    from swnb.simulator import RateCard as RateCard
    from swnb.simulator import Space as Space

try:
    __version__ = version("swnb")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0"

_PLACES = {
    "swnb.client": (
        "Budget",
        "Call",
        "CallLeg",
        "CallReply",
        "Client",
        "DryRun",
        "FabricDeviceLeg",
        "Reply",
        "SidecarStatus",
        "SyncReport",
        "VoiceLog",
        "VoiceLogs",
    ),
    "swnb.client.simulated": ("SimulatedClient", "simulate"),
    "swnb.commands": ("COMMANDS",),
    "swnb.errors": (
        "ApiError",
        "BudgetExceeded",
        "ConfigurationError",
        "ConnectionFailed",
        "DamagedRow",
        "DamagedTables",
        "InvalidCommand",
        "LogError",
        "LogWarning",
        "NoRecording",
        "NotCopied",
        "OutcomeUnknown",
        "RateLimited",
        "RecordingError",
        "RecordingWarning",
        "Redirected",
        "RunsDiffer",
        "SendError",
        "SwnbError",
        "SwnbWarning",
        "Unavailable",
        "UnknownCommand",
        "UnreadableReply",
    ),
    "swnb.exchange": ("Exchange",),
    "swnb.log": ("Log",),
    "swnb.runs": ("assert_same", "compare", "replay"),
    "swnb.simulator": ("RateCard", "Space"),
}
_HOME = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [  # noqa: PLE0604 - the names are in _PLACES
    "__version__",
    *sorted(_HOME),
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        message = f"module 'swnb' has no attribute {name!r}"
        raise AttributeError(message)
    found = getattr(import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Give IPython the `%sw` magic: `%load_ext swnb`; see docs/magics.md."""
    import_module("swnb.notebook.magics.magic").load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take the `%sw` magic from IPython again: `%unload_ext swnb`."""
    import_module("swnb.notebook.magics.magic").unload(shell)
