"""The client of one space, its commands, and the call that one holds in one's hand."""

from swnb.client.budget import Budget
from swnb.client.call import Call, CallReply
from swnb.client.calling import Calling
from swnb.client.client import Client
from swnb.client.replies import (
    CallLeg,
    DryRun,
    FabricDeviceLeg,
    Reply,
    SidecarStatus,
    VoiceLog,
)
from swnb.client.sync_report import SyncReport
from swnb.client.voice_logs import VoiceLogs

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
