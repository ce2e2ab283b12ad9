"""What the operations have in common: timers that can pause, telling, and one end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

from swnb.commands.base import Command
from swnb.simulator.calls import Key, Operation
from swnb.simulator.stage.clock import Due
from swnb.simulator.stage.scene import Scene


class Running(Operation):
    """An operation that tells how it goes and ends by itself.

    `event` is the kind of its events and `first` the state that it begins with, None if it begins
    without a word.
    """

    event: ClassVar[str]
    first: ClassVar[str | None] = None

    def __init__(self, scene: Scene, key: Key, params: Mapping[str, Any]) -> None:
        super().__init__(scene.moment.now)
        self.scene = scene
        self.key = key
        self.params = params
        self._timers: dict[str, tuple[Due, Callable[[], None]]] = {}
        self._frozen: dict[str, tuple[timedelta, Callable[[], None]]] = {}

    @property
    def control_id(self) -> str | None:
        """The control id that its events carry."""
        return self.key.control_id

    def begin(self) -> None:
        """Tell that it begins."""
        if self.first:
            self.tell(self.first)

    def control(self, verb: str, params: Mapping[str, Any]) -> None:
        """Pause, resume or stop; what else there is changes nothing that shows."""
        if verb == "stop":
            self.finish("finished", silent=True)
        elif verb == "pause" and self.state == "running":
            self.state = "paused"
            self.pause(params)
            self.tell("paused")
        elif verb == "resume" and self.state == "paused":
            self.state = "running"
            self.resume()
            if self.first:
                self.tell(self.first)

    def pause(self, params: Mapping[str, Any]) -> None:  # noqa: ARG002 - for subclasses
        """Hold every timer."""
        now = self.scene.moment.now
        frozen = {name: (due.at - now, act) for name, (due, act) in self._timers.items()}
        self.clear_timers()
        self._frozen = frozen

    def resume(self) -> None:
        """Let every timer run on."""
        frozen, self._frozen = self._frozen, {}
        for name, (left, act) in frozen.items():
            self.set_timer(name, left.total_seconds(), act)

    def end_with_call(self) -> None:
        """End because the call does."""
        self.finish("finished")

    def fail(self, reason: str | None = None) -> None:
        """End in the state that stands for a failure; the caller sees to it that there is one."""
        details: dict[str, Any] = {"reason": reason} if reason else {}
        self.finish(str(failure_of(self.key.kind)), **details)

    def set_timer(self, name: str, seconds: float, act: Callable[[], None]) -> None:
        """Let something happen after so many seconds, instead of what the timer had before."""
        self.clear_timers(name)

        def act_once() -> None:
            del self._timers[name]
            act()

        self._timers[name] = (self.scene.after(seconds, act_once), act)

    def clear_timers(self, *names: str) -> None:
        """Stop timers, those of some names or all."""
        for name in names or list(self._timers):
            self._frozen.pop(name, None)
            if name in self._timers:
                self._timers.pop(name)[0].cancel()

    def tell(self, state: str, /, **params: Any) -> None:
        """Tell how it goes."""
        self.scene.tell(
            self.event,
            state,
            self.shown(state) | params,
            control_id=self.control_id,
            given=self.params,
        )

    def shown(self, state: str) -> dict[str, Any]:
        """Return what its events say beside their ids."""
        return {"state": state}

    def result(self, state: str) -> dict[str, Any]:  # noqa: ARG002 - for subclasses
        """Return what the voice log shows of its end in a state, without anything secret."""
        return {}

    def note(self, state: str, /, **details: Any) -> None:
        """Write a line into the voice log."""
        control_id = {"control_id": self.control_id} if self.control_id else {}
        self.scene.call.note(
            self.scene.moment.now,
            f"calling_call_{self.event}",
            {**control_id, "state": state, **details},
        )

    def finish(self, state: str, /, *, silent: bool = False, **params: Any) -> None:
        """End it: bill it, tell, and write it down unless the command's own line does."""
        self.clear_timers()
        self._frozen.clear()
        self.scene.stop(self.key)
        result = self.result(state)
        self.scene.call.results[self.key] = result
        if not silent:
            self.note(state, **result, **params)
        self.tell(state, **params)


# A length of time has no upper bound in the catalogue, a date has one: this is ten years.
LONGEST = 10 * 365 * 86_400


def seconds(settings: Mapping[str, Any], name: str, default: float) -> float:
    """Return a length of time that a command sets, or else a default."""
    return float(min(max(settings.get(name, default), 0), LONGEST))


def failure_of(operation: str) -> str | None:
    """Return the state in which an operation of a kind fails, None if it cannot."""
    ends = Command.ends_of(operation)
    return next((state for state in ("error", "failed") if state in ends), None)
