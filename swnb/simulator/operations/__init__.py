"""What runs on a call and ends by itself: each kind of operation, on the virtual clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swnb.simulator.calls import Key
from swnb.simulator.operations.carrying import Stream, Tap, Transcription
from swnb.simulator.operations.collecting import Collection
from swnb.simulator.operations.detecting import Detection
from swnb.simulator.operations.playing import Playback
from swnb.simulator.operations.recording import Recording
from swnb.simulator.operations.running import Running
from swnb.simulator.stage.scene import Scene

_KINDS: dict[str, type[Running]] = {
    kind.event: kind
    for kind in (Playback, Recording, Collection, Detection, Tap, Stream, Transcription)
}


def operation_of(scene: Scene, key: Key, params: Mapping[str, Any]) -> Running:
    """Return the operation that a command starts."""
    return _KINDS[key.kind](scene, key, params)
