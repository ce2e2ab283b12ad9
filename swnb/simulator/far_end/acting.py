"""What the far end of a call does: by a script, or by hand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from functools import partial

from swnb.simulator.calls import Line, Party, Speech
from swnb.simulator.far_end.script import Cue, Saying, Script
from swnb.simulator.operations.playing import speech_seconds
from swnb.simulator.stage.scene import Scene

_GREETING = Saying(what="Please leave a message after the tone.")
_SHORTEST_SAYING = 0.5


def press(scene: Scene, digits: str) -> None:
    """Let the far end press keys; each goes to what runs on the call at that moment."""
    for digit in digits:
        for operation in list(scene.call.running.values()):
            operation.hear_digit(digit)


def say(scene: Scene, speech: Speech, lasts: float | None = None) -> None:
    """Let the far end begin to say something; it takes as long as its text, unless told."""
    call = scene.call
    call.speaking += 1
    call.talk.append(Line(scene.moment.now, "listen", speech.text))
    for operation in list(call.running.values()):
        operation.hear_speech()
    seconds = max(speech_seconds(speech.text), _SHORTEST_SAYING) if lasts is None else lasts
    scene.after(seconds, partial(_fall_silent, scene, speech))


def _fall_silent(scene: Scene, speech: Speech) -> None:
    scene.call.speaking -= 1
    for operation in list(scene.call.running.values()):
        operation.hear_silence(speech)


def hang_up(scene: Scene) -> None:
    """Let the far end hang up, decline, or give up ringing."""
    call = scene.call
    if call.status == "answered":
        scene.end("ended", reason="hangup", by="far end")
    elif call.direction == "inbound":
        scene.end("canceled", by="far end")
    else:
        scene.end("busy", by="far end")


class ScriptedParty(Party):
    """A far end that keeps to a script."""

    scripted = True

    def __init__(self, scene: Scene, script: Script) -> None:
        self.scene = scene
        self.script = script
        self.is_a: str = script.is_a
        self._counts: Counter[str] = Counter()
        self._looks: list[tuple[int, Callable[[], None]]] = []
        # A stream of its own for each call: what one draws does not change what another does.
        self._draw = random.Random(f"{scene.world.seed}/far end/{scene.call.number}")  # noqa: S311 - a simulation, to be repeated
        greeting = (_GREETING,) if script.is_a == "machine" and not script.says else ()
        self._cues: list[tuple[Cue, Callable[[], None]]] = [
            *((saying, partial(self._say, saying)) for saying in (*greeting, *script.says)),
            *((keys, partial(press, scene, keys.what)) for keys in script.presses),
        ]
        if script.hangs_up_after:
            self._cues.append((script.hangs_up_after, partial(hang_up, scene)))

    def _say(self, saying: Saying) -> None:
        say(self.scene, Speech(saying.what, saying.confidence), saying.lasts)

    def chance(self, probability: float) -> bool:
        """Return whether something happens that does so this often."""
        return probability >= 1 or self._draw.random() < probability

    def answered(self) -> None:
        """Begin what counts from the answer."""
        for cue, act in self._cues:
            if cue.on is None:
                self._set(cue, act)

    def notice(self, name: str) -> None:
        """Begin what waits for this."""
        self._counts[name] += 1
        for cue, act in self._cues:
            if cue.on == name and cue.nth == self._counts[name]:
                self._set(cue, act)

    def _set(self, cue: Cue, act: Callable[[], None]) -> None:
        if not self.chance(cue.chance):
            return

        def if_answered() -> None:
            if self.scene.call.status == "answered":
                act()

        if cue.polls is None:
            self.scene.after(cue.after or 0, if_answered)
        else:
            self.wait_for_looks(cue.polls, if_answered)

    def wait_for_looks(self, polls: int, act: Callable[[], None]) -> None:
        """Let something happen at a look at the call's voice log."""
        self._looks.append((polls, act))

    def look(self) -> None:
        """Count a look, and do what waited for it."""
        waiting, self._looks = self._looks, []
        self._looks = [(left - 1, act) for left, act in waiting if left > 1]
        for left, act in waiting:
            if left == 1 and not self.scene.call.over:
                act()

    @property
    def waits_for_looks(self) -> bool:
        """Whether something will happen after more looks, whatever the time."""
        return bool(self._looks) and not self.scene.call.over
