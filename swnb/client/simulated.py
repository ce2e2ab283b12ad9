"""A client on a simulated space of its own, over real HTTP in this process."""

from __future__ import annotations

import secrets
from os import PathLike
from typing import TYPE_CHECKING, Any

from swnb.client.client import Client
from swnb.errors import LogError
from swnb.log import Log
from swnb.session import environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from swnb.session.budget import Budget
    from swnb.simulator import RateCard, Space


class SimulatedClient(Client):
    """A `Client` whose space is embedded: no account, no charge, the same HTTP.

    Attributes
    ----------
    simulated_space : Space
        The space itself: `sw.simulated_space.advance(60)` lets a minute pass.

    """

    def __init__(self, space: Space, **options: Any) -> None:
        from swnb.simulator import serve  # noqa: PLC0415 - a client of a live space needs no server

        self.simulated_space = space
        # A notebook that is replayed has its answers from the recording, whatever it simulates.
        self._server = serve(space) if environment.replay() is None else None
        if self._server is None:
            space.stand_by()
        host = self._server.host if self._server else None
        try:
            super().__init__(space.project, space.token, host, **options)
        except BaseException:
            self._close_server()
            raise
        if self._server:
            self._session.embedded = space
        space.distinguish(self._claimed)

    def _claimed(self) -> str:
        """Return what distinguishes the calls of this space from those of its seed in the log."""
        try:
            number = self.log.synced.claim(f"simulated/{self.simulated_space.seed}")
        except LogError:  # it has warned; its rows are in memory and may yet be written
            return secrets.token_hex(8)
        return str(number or "")

    def close(self) -> None:
        """Close the connections, the log and the space."""
        super().close()
        self._close_server()

    def _close_server(self) -> None:
        if self._server:
            self._server.close()


def simulate(
    *,
    seed: int = 1,
    log: str | PathLike[str] | Log = ":memory:",
    run: str | None = None,
    dry_run: bool = False,
    timeout: float | tuple[float, float] = (5.0, 30.0),
    deadline: float = 120.0,
    retries: int = 2,
    rate_card: RateCard | None = None,
    history: int = 0,
    days: int = 90,
    budget: float | Budget | None = None,
    secret_fields: Iterable[str] = (),
    relay_hears: str = "project",
    callback_form: str = "envelope",
) -> SimulatedClient:
    """Start a simulated space and return a client on it: no account, no charge, the same HTTP.

    The same `seed` and the same cells give the same ids, statuses and charges, in a log that has no
    call of this seed yet: the calls of one log never share an id.

    Parameters
    ----------
    seed : int, default 1
        What the space's ids and its API token are made from.
    log : str, path or Log, default ":memory:"
        Where exchanges are kept; in memory by default, so that invented charges do not stand beside
        real ones.
    run, dry_run, timeout, deadline, retries, budget, secret_fields
        As for `Client`.
    rate_card : RateCard, optional
        The space's prices; see docs/simulated-space.md.
    history : int, default 0
        How many past calls the space has, for `sync` to read.
    days : int, default 90
        How many days back those calls go.
    relay_hears : {"project", "owner"}, default "project"
        Whether a listener hears the events of all calls, or only those of the calls that it dialed
        or was offered; which of them the platform does, no source tells.
    callback_form : {"envelope", "flat"}, default "envelope"
        What status callbacks of a call's states look like; no source tells that either.

    Returns
    -------
    SimulatedClient

    Examples
    --------
    >>> sw = swnb.simulate(seed=7)
    >>> call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
    >>> call.status
    'queued'

    """
    from swnb.simulator import Space  # noqa: PLC0415 - a client of a live space needs no server

    space = Space(
        seed,
        rate_card=rate_card,
        history=history,
        days=days,
        relay_hears=relay_hears,
        callback_form=callback_form,
    )
    return SimulatedClient(
        space,
        log=log,
        run=run,
        dry_run=dry_run,
        timeout=timeout,
        deadline=deadline,
        retries=retries,
        budget=budget,
        secret_fields=secret_fields,
    )
