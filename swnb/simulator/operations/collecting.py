"""A collection: digits, speech, or both, by its own timers and terminators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swnb.simulator.calls import Key, Speech
from swnb.simulator.operations.running import Running, seconds
from swnb.simulator.stage.scene import Scene

# What a space does where the command says nothing; the platform does not publish its own values.
INITIAL_TIMEOUT = 5.0
DIGIT_TIMEOUT = 3.0
END_SILENCE_TIMEOUT = 1.0
SPEECH_TIMEOUT = 60.0


class Collection(Running):
    """A collection ends with a result, or goes on after it if it is continuous."""

    event = "collect"

    def __init__(self, scene: Scene, key: Key, params: Mapping[str, Any]) -> None:
        super().__init__(scene, key, params)
        self.digits: Mapping[str, Any] | None = params.get("digits")
        self.speech: Mapping[str, Any] | None = params.get("speech")
        self.continuous = params.get("continuous", False)
        self._pressed = ""
        self._said: list[Speech] = []
        self._began = False
        self._outcome: dict[str, Any] = {}

    def begin(self) -> None:
        """Wait for the first input, if its time is to run from the start."""
        if self.params.get("start_input_timers"):
            self._wait_for_input()

    def control(self, verb: str, params: Mapping[str, Any]) -> None:
        """Let the time for the first input run, or stop."""
        if verb == "start_input_timers":
            if not self._began:
                self._wait_for_input()
            return
        super().control(verb, params)

    def _wait_for_input(self) -> None:
        patience = seconds(self.params, "initial_timeout", INITIAL_TIMEOUT)
        self.set_timer("first input", patience, lambda: self._resolve("no_input"))

    def _start_of_input(self) -> None:
        self.clear_timers("first input")
        if self._began:
            return
        self._began = True
        if self.params.get("send_start_of_input"):
            self._tell_result("start_of_input", {}, final=False)

    def hear_digit(self, digit: str) -> None:
        """Take a digit, and end with the last of them or with one that ends the input."""
        if self.digits is None:
            return
        self._start_of_input()
        if digit in self.digits.get("terminators", "").upper():
            self._take_digits(terminator=digit)
            return
        self._pressed += digit
        if len(self._pressed) >= self.digits["max"]:
            self._take_digits()
            return
        patience = seconds(self.digits, "digit_timeout", DIGIT_TIMEOUT)
        self.set_timer("digits", patience, self._take_digits)
        if self.params.get("partial_results"):
            self._tell_result("digit", {"digits": self._pressed, "terminator": ""}, final=False)

    def _take_digits(self, terminator: str = "") -> None:
        if self._pressed:
            self._resolve("digit", {"digits": self._pressed, "terminator": terminator})
        else:
            self._resolve("no_match")

    def hear_speech(self) -> None:
        """Listen, for as long as speech may take."""
        if self.speech is None:
            return
        self._start_of_input()
        self.clear_timers("silence")
        if "speech" not in self._timers:
            longest = seconds(self.speech, "speech_timeout", SPEECH_TIMEOUT)
            self.set_timer("speech", longest, self._take_speech)

    def hear_silence(self, speech: Speech) -> None:
        """End after a while of silence with what was said."""
        if self.speech is None or "speech" not in self._timers:
            return
        self._said.append(speech)
        if self.params.get("partial_results"):
            self._tell_result("speech", self._heard(), final=False)
        if not self.scene.call.speaking:
            silence = seconds(self.speech, "end_silence_timeout", END_SILENCE_TIMEOUT)
            self.set_timer("silence", silence, self._take_speech)

    def _heard(self) -> dict[str, Any]:
        understood = [speech for speech in self._said if speech.confidence > 0]
        return {
            "text": " ".join(speech.text for speech in understood),
            "confidence": min((speech.confidence for speech in understood), default=0.0),
        }

    def _take_speech(self) -> None:
        heard = self._heard()
        if heard["confidence"] > 0:
            self._resolve("speech", heard)
        else:
            self._resolve("no_match")

    def _resolve(self, kind: str, params: Mapping[str, Any] | None = None) -> None:
        self.clear_timers()
        self._pressed, self._said, self._began = "", [], False
        self._outcome = _result(kind, params)
        if not self.continuous:
            self.finish(kind)
            return
        self.note(kind, **self._outcome)
        self._tell_result(kind, params, final=True, state="collecting")

    def _tell_result(
        self, kind: str, params: Mapping[str, Any] | None, *, final: bool, **state: str
    ) -> None:
        self.tell(kind, final=final, **_result(kind, params), **state)

    def shown(self, state: str) -> dict[str, Any]:
        """Return the result, or the state in which it ended without one."""
        if state in ("finished", "error"):
            return {"state": state, **_result(state, None)}
        return {**self._outcome, "final": True}

    def result(self, state: str) -> dict[str, Any]:
        """Return the last result, if there is one."""
        return {} if state == "error" else self._outcome


def _result(kind: str, params: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"result": {"type": kind, **({"params": dict(params)} if params else {})}}
