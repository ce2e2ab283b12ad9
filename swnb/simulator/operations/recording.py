"""A recording: what ends it, and its URL and length."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from swnb.simulator.calls import Key, Speech
from swnb.simulator.operations.running import Running, seconds
from swnb.simulator.stage.ids import seeded_id
from swnb.simulator.stage.scene import Scene

_BYTES_PER_SECOND = {"mp3": 4_000, "wav": 16_000, "mp4": 6_000}
_SECOND = timedelta(seconds=1)


class Recording(Running):
    """A recording ends by silence, its length, a digit, its stop, or the call's end.

    Nobody knows when a far end without a script speaks: then silence ends nothing until the far end
    has been made to say something.
    """

    event = "record"
    first = "recording"

    def __init__(self, scene: Scene, key: Key, params: Mapping[str, Any]) -> None:
        super().__init__(scene, key, params)
        self.audio: Mapping[str, Any] = params["record"]["audio"]
        self.format: str = self.audio.get("format", "mp3")
        self.left_out = timedelta()
        self._paused_at: datetime | None = None
        number = scene.call.recordings
        scene.call.recordings += 1
        self.id = seeded_id(scene.world.seed, f"recording/{scene.call.id}", number)

    def begin(self) -> None:
        """Wait for a first word, and for the longest that it may get."""
        super().begin()
        if longest := seconds(self.audio, "max_length", 0):
            self.set_timer("longest", longest, lambda: self.finish("finished"))
        call = self.scene.call
        patience = seconds(self.audio, "initial_timeout", 4)
        if call.party.scripted and not call.speaking and patience:
            self.set_timer("first word", patience, lambda: self.finish("no_input"))

    def hear_speech(self) -> None:
        """Go on while the far end speaks."""
        self.clear_timers("first word", "silence")

    def hear_silence(self, speech: Speech) -> None:  # noqa: ARG002 - it keeps what it cannot hear
        """End after a while of silence."""
        if self.state == "running" and not self.scene.call.speaking:
            self._wait_for_silence()

    def _wait_for_silence(self) -> None:
        silence = seconds(self.audio, "end_silence_timeout", 0.5)
        if silence:
            self.set_timer("silence", silence, lambda: self.finish("finished"))

    def hear_digit(self, digit: str) -> None:
        """End by one of the digits that end it."""
        if digit in self.audio.get("terminators", "#").upper():
            self.finish("finished")

    def pause(self, params: Mapping[str, Any]) -> None:
        """Hold its timers; what is skipped does not count."""
        super().pause(params)
        if params.get("behavior", "skip") == "skip":
            self._paused_at = self.scene.moment.now

    def resume(self) -> None:
        """Go on."""
        self._count_pause()
        super().resume()

    def _count_pause(self) -> None:
        if self._paused_at:
            self.left_out += self.scene.moment.now - self._paused_at
            self._paused_at = None

    def shown(self, state: str) -> dict[str, Any]:
        """Return its state, and the file once there is one, in both places where clients look."""
        if state != "finished":
            return {"state": state}
        return {"state": state, **self.result(state), "record": self.result(state)}

    def result(self, state: str) -> dict[str, Any]:
        """Return the file: its URL, which leads nowhere, its length in seconds, its size in bytes."""
        if state != "finished":
            return {}
        now = self._paused_at or self.scene.moment.now
        length = max(0.0, round((now - self.started - self.left_out) / _SECOND, 3))
        channels = 2 if self.audio.get("stereo") else 1
        return {
            "url": f"https://recordings.example.com/{self.id}.{self.format}",
            "duration": length,
            "size": round(length * _BYTES_PER_SECOND[self.format]) * channels,
            "format": self.format,
        }
