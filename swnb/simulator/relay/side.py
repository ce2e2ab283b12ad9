"""The RELAY side of a space: where it is reached, and what happens there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from swnb.errors import ConfigurationError
from swnb.redact import redact
from swnb.simulator.callbacks.courier import Courier, Delivery
from swnb.simulator.far_end.by_hand import FarSide
from swnb.simulator.relay.desk import Desk
from swnb.simulator.relay.member import Line, Member
from swnb.simulator.relay.mischief import Mischief
from swnb.simulator.requests import Seen
from swnb.simulator.stage.deliveries import Deliveries
from swnb.simulator.switchboard import Switchboard

_TICK = timedelta(seconds=1)


class Doors:
    """Where a space that is served is reached on RELAY; its server fills this in."""

    def __init__(self, url: str, secure: Callable[[], tuple[str, str]]) -> None:
        self.url = url
        self.secure = secure  # makes a certificate, and returns wss's host and the authority's file


class RelaySide(FarSide):
    """What a space does on RELAY. `Space` adds the REST side."""

    def __init__(self, board: Switchboard, token: str, hears: str, callback_form: str) -> None:
        super().__init__(board)
        self.deliveries = Deliveries()
        self._mischief = Mischief()
        self._desk = Desk(board, token, self.deliveries, self._mischief, hears)
        self._courier = Courier(board.world, self.deliveries, self._mischief, callback_form)
        self._doors: Doors | None = None
        self._requests: list[Seen] = []

    @property
    def relay_url(self) -> str:
        """Where a RELAY session connects without TLS, on loopback: `ws://127.0.0.1:PORT`."""
        return self._served().url

    @property
    def relay_host(self) -> str:
        """The host and port of wss, for clients that speak nothing else, such as the official one."""
        return self._served().secure()[0]

    @property
    def relay_ca_file(self) -> str:
        """The file that such a client must trust, as SIGNALWIRE_RELAY_CA_FILE."""
        return self._served().secure()[1]

    @property
    def callbacks(self) -> list[Delivery]:
        """The status callbacks so far, oldest first, with what became of each."""
        with self._lock:
            return list(self._courier.sent)

    @property
    def signing_key(self) -> str | None:
        """What status callbacks are signed with; None (the default) for no signature."""
        return self._courier.signing_key

    @signing_key.setter
    def signing_key(self, key: str | None) -> None:
        self._courier.signing_key = key

    def serve_at(self, doors: Doors | None) -> None:
        """Say where the space is reached on RELAY now."""
        self._doors = doors
        if doors is None:
            self._courier.close()

    def settle(self, timeout: float = 5.0) -> bool:
        """Wait until all that the space sent was acknowledged or answered.

        Parameters
        ----------
        timeout : float, default 5.0
            For how many real seconds.

        Returns
        -------
        bool
            Whether it was.

        """
        return self.deliveries.settle(timeout)

    def relay_disconnect(self, *, restart: bool = False) -> None:
        """Ask every RELAY session to go, as the platform does before it restarts a server.

        Parameters
        ----------
        restart : bool, default False
            Whether the sessions must begin anew; else they can be restored.

        """
        with self._lock:
            self._desk.say_go(restart=restart)

    def relay_connect(self, frame: Mapping[str, Any], line: Line) -> Member | None:
        """Take the first frame of a connection; return its session, None if it has none yet."""
        if frame.get("method") != "signalwire.connect":
            return None
        with self._lock:
            return self._desk.connect(frame, line)

    def relay_receive(self, member: Member, frame: Mapping[str, Any]) -> None:
        """Take a frame of a session; a method of a call moves the clock one second."""
        method = frame.get("method")
        with self._lock:
            if isinstance(method, str) and method.startswith("calling."):
                self._pass_second()
                params = frame.get("params")
                call_id = params.get("call_id") if isinstance(params, Mapping) else None
                body = redact(dict(params)) if isinstance(params, Mapping) else None
                self._requests.append(Seen("RELAY", "/", method, call_id, None, body))
            self._desk.receive(member, frame)
            self._work_off()

    def relay_lost(self, member: Member, line: Line) -> None:
        """Notice that a connection is gone."""
        with self._lock:
            if member.line is line:
                member.detach()

    def _come(self, call_id: str, from_: str, to: str, answered: bool, context: str | None) -> None:
        """Let an inbound call come; one for a context rings until a session answers it."""
        rings = context is not None or not answered
        scene = self._board.inbound(call_id, from_, to, answered=not rings)
        if context is not None:
            self._desk.offer(scene, context)

    def _pass_second(self) -> None:
        clock = self._board.world.clock
        clock.run(clock.now + _TICK)

    def _served(self) -> Doors:
        if self._doors is None:
            raise ConfigurationError("this space is not served: swnb.simulate() serves one")
        return self._doors
