"""A detection: what it finds by what the far end is, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swnb.simulator.calls import Key, Speech
from swnb.simulator.operations.running import Running, seconds
from swnb.simulator.stage.scene import Scene

_GREETING = 0.5  # how long a person's "Hello?" takes
_TONE = 2.0


class Detection(Running):
    """A detection tells what it finds, and is finished after it or when its time is over."""

    event = "detect"

    def __init__(self, scene: Scene, key: Key, params: Mapping[str, Any]) -> None:
        super().__init__(scene, key, params)
        self.type: str = params["detect"]["type"]
        self.settings: Mapping[str, Any] = params["detect"].get("params", {})
        self._found: dict[str, Any] = {}

    def begin(self) -> None:
        """Look, for as long as it may take."""
        is_a = self.scene.call.party.is_a
        if self.type == "machine":
            self._look_for_machine(is_a)
        elif self.type == "fax" and is_a == "fax":
            tone = "CNG" if self.scene.call.direction == "inbound" else "CED"
            if self.settings.get("tone", tone).upper() == tone:
                self.set_timer("verdict", _TONE, lambda: self._find(tone))
        longest = seconds(self.params, "timeout", 30)
        self.set_timer("timeout", longest, lambda: self.finish("finished"))

    def _look_for_machine(self, is_a: str) -> None:
        silence = seconds(self.settings, "end_silence_timeout", 1)
        if is_a == "human":
            self.set_timer("verdict", _GREETING + silence, lambda: self._find("HUMAN"))
        elif is_a == "machine":
            threshold = seconds(self.settings, "machine_voice_threshold", 1.25)
            self.set_timer("verdict", threshold, self._find_machine)
        else:
            patience = seconds(self.settings, "initial_timeout", 4.5)
            self.set_timer("verdict", patience, lambda: self._find("UNKNOWN"))

    def _find(self, event: str) -> None:
        self._note_finding(event)
        self.finish("finished")

    def _note_finding(self, event: str) -> None:
        self._found = self._finding(event)
        self.note(event, **self._found)
        self.tell(event)

    def _find_machine(self) -> None:
        if not self.settings.get("detect_message_end", True):
            self._find("MACHINE")
            return
        self._note_finding("MACHINE")
        if not self.scene.call.speaking:
            self._wait_for_silence()

    def hear_speech(self) -> None:
        """Notice that the greeting goes on."""
        self.clear_timers("ready")

    def hear_silence(self, speech: Speech) -> None:  # noqa: ARG002 - what is said does not count
        """Notice that a machine's greeting may be over."""
        if self._found and not self.scene.call.speaking:
            self._wait_for_silence()

    def _wait_for_silence(self) -> None:
        silence = seconds(self.settings, "end_silence_timeout", 1)
        ready = seconds(self.settings, "machine_ready_timeout", silence)
        self.set_timer("ready", ready, lambda: self._find("READY"))

    def hear_digit(self, digit: str) -> None:
        """Find a digit that is looked for."""
        if self.type == "digit":
            wanted = self.settings.get("digits", "").upper()
            if not wanted or digit in wanted:
                self._find(digit)

    def shown(self, state: str) -> dict[str, Any]:
        """Return the finding; a detection's events have no state of their own."""
        return self._finding(state)

    def _finding(self, event: str) -> dict[str, Any]:
        return {"detect": {"type": self.type, "params": {"event": event}}}

    def result(self, state: str) -> dict[str, Any]:  # noqa: ARG002 - it can only be finished
        """Return what was found last, if anything was."""
        return self._found
