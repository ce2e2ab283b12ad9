"""The client of one space, its commands, and the call that one holds in one's hand."""

from swnb.session.answers.replies import (
    CallLeg,
    DryRun,
    FabricDeviceLeg,
    Reply,
    SidecarStatus,
    VoiceLog,
)
from swnb.session.budget import Budget
from swnb.session.call import Call, CallReply
from swnb.session.calling import Calling
from swnb.session.session import Client
from swnb.session.voice_logs.reading import VoiceLogs
from swnb.session.voice_logs.report import SyncReport

__all__ = [
    "Budget",
    "Call",
    "CallLeg",
    "CallReply",
    "Calling",
    "Client",
    "DryRun",
    "FabricDeviceLeg",
    "Reply",
    "SidecarStatus",
    "SyncReport",
    "VoiceLog",
    "VoiceLogs",
]
