"""The names of the 42 commands as a type, for completion and type checkers.

They are in the order of the platform's own table, which `COMMANDS` follows.
"""

from __future__ import annotations

from typing import Literal

CommandName = Literal[
    "dial",
    "update",
    "end",
    "transfer",
    "disconnect",
    "play",
    "play_pause",
    "play_resume",
    "play_stop",
    "play_volume",
    "record",
    "record_pause",
    "record_resume",
    "record_stop",
    "collect",
    "collect_stop",
    "collect_start_input_timers",
    "detect",
    "detect_stop",
    "tap",
    "tap_stop",
    "transcribe",
    "transcribe_stop",
    "stream",
    "stream_stop",
    "denoise",
    "denoise_stop",
    "ai_hold",
    "ai_unhold",
    "ai_message",
    "ai_stop",
    "ai_sidecar",
    "ai_sidecar_poke",
    "ai_sidecar_ask",
    "ai_sidecar_stop",
    "ai_sidecar_status",
    "live_transcribe",
    "live_translate",
    "send_fax_stop",
    "receive_fax_stop",
    "refer",
    "user_event",
]
