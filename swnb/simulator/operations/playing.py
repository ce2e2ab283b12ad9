"""A playback: how long it takes, by what is played."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swnb.simulator.calls import Line
from swnb.simulator.operations.running import LONGEST, Running, seconds

CHARACTERS_PER_SECOND = 15
AUDIO_SECONDS = 10.0
# A voice takes a while to be made, once for each playback. It is long, because every request takes a
# virtual second: what is played in one cell can still be paused in the next.
VOICE_SECONDS = 3.0


def speech_seconds(text: str) -> float:
    """Return how long it takes to say a text."""
    return round(len(text) / CHARACTERS_PER_SECOND, 3)


class Playback(Running):
    """What is played into a call; it ends when the whole list has been played."""

    event = "play"
    first = "playing"

    def begin(self) -> None:
        """Tell that it plays, and for how long."""
        super().begin()
        now = self.scene.moment.now
        for item in self.params["play"]:
            if item["type"] == "tts":
                self.scene.call.talk.append(Line(now, "speak", item["params"]["text"]))
        length = play_seconds(self.params)
        if length is not None:
            self.set_timer("end", length, lambda: self.finish("finished"))


def play_seconds(params: Mapping[str, Any]) -> float | None:
    """Return how long a playback takes, None if it goes on until it is stopped."""
    lengths = [_item_seconds(item["type"], item["params"]) for item in params["play"]]
    times: int = min(params.get("loop", 1), _MOST_TIMES)
    if not lengths:
        return 0.0
    if times == 0 or None in lengths:
        return None
    voice = VOICE_SECONDS if any(item["type"] == "tts" for item in params["play"]) else 0.0
    return min(voice + times * sum(length for length in lengths if length), LONGEST)


_MOST_TIMES = 10**9


def _item_seconds(kind: str, params: Mapping[str, Any]) -> float | None:
    if kind == "tts":
        return speech_seconds(params["text"])
    if kind == "audio":
        return AUDIO_SECONDS
    return seconds(params, "duration", 0.0) if "duration" in params else None
