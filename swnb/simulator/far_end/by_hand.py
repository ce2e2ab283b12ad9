"""The far end of simulated calls in one's own hands: who answers, and what they do now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from swnb.errors import ConfigurationError
from swnb.simulator.calls import Key, Speech
from swnb.simulator.far_end import acting
from swnb.simulator.far_end.script import FarEnd, Press, Saying, checked, script_of
from swnb.simulator.operations.carrying import Fax
from swnb.simulator.operations.running import Running, failure_of
from swnb.simulator.stage.scene import Scene
from swnb.simulator.switchboard import Switchboard


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


class _HasControlId(Protocol):
    @property
    def control_id(self) -> str: ...


class FarSide:
    """What a space does at the far end of its calls. `Space` adds the near end."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._lock = threading.RLock()
        self._stands_by = False

    def far_end(self, number: str, far_end: FarEnd | Mapping[str, Any]) -> None:
        """Set who is at the far end of the calls to come.

        Parameters
        ----------
        number : str
            The number or address that is called, or that an inbound call comes from; the beginning
            of it with `*` at the end (`"+1555*"`); or `"*"` for all. The most exact one counts.
        far_end : FarEnd or dict
            Who it is and what it does.

        Raises
        ------
        ConfigurationError
            If a key of the dict is unknown or a value is out of range.

        """
        script = script_of(far_end if isinstance(far_end, FarEnd) else FarEnd(**far_end))
        with self._lock:
            self._board.directory.put(number, script)

    def press(self, call: str | _HasId, digits: str) -> None:
        """Let the far end of an answered call press keys now.

        Parameters
        ----------
        call : str or Call
            The call, or its id.
        digits : str
            The keys: 0-9, A-D, * and #. What runs on the call at this moment hears them.

        Raises
        ------
        ConfigurationError
            If the call is not answered, or these are not keys.

        """
        keys = checked(Press, "press", what=digits).what
        self._act("press", call, lambda scene: acting.press(scene, keys), answered=True)

    def say(
        self,
        call: str | _HasId,
        text: str,
        *,
        confidence: float = 0.9,
        lasts: float | None = None,
    ) -> None:
        """Let the far end of an answered call begin to say something now.

        Parameters
        ----------
        call : str or Call
            The call, or its id.
        text : str
            What it says.
        confidence : float, default 0.9
            How sure a recognizer is of it, 0 to 1; 0 is not understood.
        lasts : float, optional
            How many virtual seconds it takes; by default a second for every 15 characters, and at
            least half a second.

        Raises
        ------
        ConfigurationError
            If the call is not answered, or a value is out of range.

        """
        saying = checked(Saying, "say", what=text, confidence=confidence, lasts=lasts)
        speech = Speech(saying.what, saying.confidence)
        self._act("say", call, lambda scene: acting.say(scene, speech, saying.lasts), answered=True)

    def hang_up(self, call: str | _HasId) -> None:
        """Let the far end hang up; a call that still rings is declined, or given up if inbound.

        Parameters
        ----------
        call : str or Call
            The call, or its id.

        Raises
        ------
        ConfigurationError
            If the call is over.

        """
        self._act("hang_up", call, acting.hang_up)

    def answer(self, call: str | _HasId) -> None:
        """Answer a call now that is queued or ringing, whatever its far end would do.

        Parameters
        ----------
        call : str or Call
            The call, or its id.

        Raises
        ------
        ConfigurationError
            If the call is answered already, or over.

        """

        def answer(scene: Scene) -> None:
            if scene.call.status == "answered":
                raise ConfigurationError("answer: the call is answered already")
            scene.become("answered")

        self._act("answer", call, answer)

    def fail(
        self,
        operation: str | _HasControlId,
        *,
        call: str | _HasId | None = None,
        reason: str | None = None,
    ) -> None:
        """Let an operation that is running fail now.

        Parameters
        ----------
        operation : str or object with a control_id
            Its control id; the name of the operation (`"refer"`) for one that has none.
        call : str or Call, optional
            The call, if several have an operation of that control id.
        reason : str, optional
            Why, for the event and the voice log.

        Raises
        ------
        ConfigurationError
            If no such operation is running, several are, or it is of a kind that cannot fail
            (a tap, a stream, a detection).

        """
        name = operation if isinstance(operation, str) else operation.control_id
        with self._lock:
            if self._stands_by:
                return
            scenes = self._live() if call is None else [self._scene("fail", call)]
            running = [
                entry
                for scene in scenes
                for entry in scene.call.running.values()
                if isinstance(entry, Running) and name == (entry.control_id or entry.key.kind)
            ]
            if not running:
                raise ConfigurationError(f"fail: no operation {name!r} is running")
            if len(running) > 1:
                raise ConfigurationError(f"fail: several operations {name!r} are running; set call")
            if failure_of(running[0].key.kind) is None:
                raise ConfigurationError(f"fail: a {running[0].key.kind} has no end that fails")
            running[0].fail(reason)
            self._work_off()

    def fax(
        self,
        call: str | _HasId,
        control_id: str = "fax-1",
        *,
        pages: int = 1,
        direction: str = "receive",
    ) -> None:
        """Begin a fax on an answered call, as SWML would.

        Parameters
        ----------
        call : str or Call
            The call, or its id.
        control_id : str, default "fax-1"
            The name by which a command stops it.
        pages : int, default 1
            How many pages it has.
        direction : {"receive", "send"}, default "receive"
            Whether this side receives or sends it.

        Raises
        ------
        ConfigurationError
            If the call is not answered, or has a running fax of this name.

        """
        if direction not in ("send", "receive"):
            raise ConfigurationError("fax.direction: must be 'send' or 'receive'")
        if pages < 1:
            raise ConfigurationError("fax.pages: must be at least 1")
        key = Key(f"{direction}_fax", control_id)

        def begin(scene: Scene) -> None:
            if key in scene.call.running:
                raise ConfigurationError("fax.control_id: names a running fax of the call")
            scene.start(key, Fax(scene, key, pages))

        self._act("fax", call, begin, answered=True)

    def stand_by(self) -> None:
        """Let what is done by hand do nothing from now on: the calls come from a recording."""
        self._stands_by = True

    def _act(
        self,
        name: str,
        call: str | _HasId,
        act: Callable[[Scene], None],
        *,
        answered: bool = False,
    ) -> None:
        with self._lock:
            if self._stands_by:
                return
            scene = self._scene(name, call)
            if scene.call.over or (answered and scene.call.status != "answered"):
                raise ConfigurationError(f"{name}: the call is {scene.call.status}")
            act(scene)
            self._work_off()

    def _scene(self, name: str, call: str | _HasId) -> Scene:
        scene = self._board.scene(call if isinstance(call, str) else call.id)
        if scene is None:
            raise ConfigurationError(f"{name}: this space has no such call")
        return scene

    def _live(self) -> list[Scene]:
        return [Scene(call, self._board.world) for call in self._board.order if not call.over]

    def _work_off(self) -> None:
        """Let everything happen that is due by now."""
        clock = self._board.world.clock
        clock.run(clock.now)
