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

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING, Any as _Any

from swnb.version import VERSION as __version__  # noqa: N811 - the name that packages use

if _TYPE_CHECKING:
    from swnb.client import (
        Call as Call,
        Client as Client,
    )
    from swnb.client.replay import (
        ReplayClient as ReplayClient,
        replay as replay,
    )
    from swnb.client.simulated import (
        SimulatedClient as SimulatedClient,
        simulate as simulate,
    )
    from swnb.commands import (
        COMMANDS as COMMANDS,
    )
    from swnb.documents import (
        SwmlDocument as SwmlDocument,
        swml as swml,
    )
    from swnb.errors import (
        ApiError as ApiError,
        BudgetExceeded as BudgetExceeded,
        CallOver as CallOver,
        ConfigurationError as ConfigurationError,
        ConnectionFailed as ConnectionFailed,
        DamagedRow as DamagedRow,
        DamagedTables as DamagedTables,
        InvalidCommand as InvalidCommand,
        InvalidSwml as InvalidSwml,
        LogError as LogError,
        LogWarning as LogWarning,
        NoRecording as NoRecording,
        NotCopied as NotCopied,
        OutcomeUnknown as OutcomeUnknown,
        RateLimited as RateLimited,
        RecordingError as RecordingError,
        RecordingWarning as RecordingWarning,
        Redirected as Redirected,
        RunsDiffer as RunsDiffer,
        SendError as SendError,
        SwnbError as SwnbError,
        SwnbWarning as SwnbWarning,
        Unavailable as Unavailable,
        UnknownCommand as UnknownCommand,
        UnreadableReply as UnreadableReply,
        WaitTimeout as WaitTimeout,
    )
    from swnb.event import (
        Event as Event,
    )
    from swnb.events.callbacks.hooks import (
        Callbacks as Callbacks,
    )
    from swnb.events.calls.offers import (
        OfferedCalls as OfferedCalls,
    )
    from swnb.events.inbox import (
        Inbox as Inbox,
    )
    from swnb.events.waiting.operations import (
        Operation as Operation,
    )
    from swnb.exchange import (
        Exchange as Exchange,
    )
    from swnb.log import (
        Log as Log,
    )
    from swnb.runs import (
        Comparison as Comparison,
        Run as Run,
        assert_same as assert_same,
        compare as compare,
    )
    from swnb.session.answers.replies import (
        CallLeg as CallLeg,
        DryRun as DryRun,
        FabricDeviceLeg as FabricDeviceLeg,
        Reply as Reply,
        SidecarStatus as SidecarStatus,
        VoiceLog as VoiceLog,
    )
    from swnb.session.budget import (
        Budget as Budget,
    )
    from swnb.session.call import (
        CallReply as CallReply,
    )
    from swnb.session.voice_logs.reading import (
        VoiceLogs as VoiceLogs,
    )
    from swnb.session.voice_logs.report import (
        SyncReport as SyncReport,
    )
    from swnb.simulator import (
        FarEnd as FarEnd,
        RateCard as RateCard,
        Space as Space,
    )

_PLACES = {
    "swnb.client": "Call Client",
    "swnb.client.replay": "ReplayClient replay",
    "swnb.client.simulated": "SimulatedClient simulate",
    "swnb.commands": "COMMANDS",
    "swnb.documents": "SwmlDocument swml",
    "swnb.errors": "ApiError BudgetExceeded CallOver ConfigurationError ConnectionFailed DamagedRow DamagedTables InvalidCommand InvalidSwml LogError LogWarning NoRecording NotCopied OutcomeUnknown RateLimited RecordingError RecordingWarning Redirected RunsDiffer SendError SwnbError SwnbWarning Unavailable UnknownCommand UnreadableReply WaitTimeout",
    "swnb.event": "Event",
    "swnb.events.callbacks.hooks": "Callbacks",
    "swnb.events.calls.offers": "OfferedCalls",
    "swnb.events.inbox": "Inbox",
    "swnb.events.waiting.operations": "Operation",
    "swnb.exchange": "Exchange",
    "swnb.log": "Log",
    "swnb.runs": "Comparison Run assert_same compare",
    "swnb.session.budget": "Budget",
    "swnb.session.call": "CallReply",
    "swnb.session.answers.replies": "CallLeg DryRun FabricDeviceLeg Reply SidecarStatus VoiceLog",
    "swnb.session.voice_logs.reading": "VoiceLogs",
    "swnb.session.voice_logs.report": "SyncReport",
    "swnb.simulator": "FarEnd RateCard Space",
}
_HOME = {name: module for module, names in _PLACES.items() for name in names.split()}

__all__ = [  # noqa: PLE0604 - the names are in _PLACES
    "__version__",
    *sorted(_HOME),
]


def __getattr__(name: str) -> _Any:
    if name not in _HOME:
        message = f"module 'swnb' has no attribute {name!r}"
        raise AttributeError(message)
    found = getattr(_import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__]


def load_ipython_extension(shell: _Any) -> None:
    """Add the `%sw` magic: `%load_ext swnb`; see docs/magics.md."""
    _import_module("swnb.notebook.magics.magic").load(shell)


def unload_ipython_extension(shell: _Any) -> None:
    """Remove the `%sw` magic: `%unload_ext swnb`."""
    _import_module("swnb.notebook.magics.magic").unload(shell)
