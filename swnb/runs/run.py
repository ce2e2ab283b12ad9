"""A named run: from where it begins to where it ends, its client's exchanges are its own.

With `once`, a request that the run has already made is answered from the log. What was carried out,
may have been, or was refused for what it is, is replayed; what certainly was not carried out
(`failed`, 429, 503 with `Retry-After`) and a repeatable request of unknown outcome are sent. A
request that may have been carried out and must not be repeated raises `OutcomeUnknown` again, and is
never sent twice.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

from typing_extensions import override

from swnb import commands as c, html
from swnb.errors import ConfigurationError
from swnb.exchange import NEVER_ARRIVED
from swnb.recordings.generated import made_uuid
from swnb.session.provenance import gather
from swnb.transports.replay import Replay

if TYPE_CHECKING:
    from swnb.exchange import Exchange
    from swnb.log.reading.runs import LogRun
    from swnb.session.session import Session

_NAME = re.compile(r"[^\s/\\](?:[^/\\\r\n]{0,98}[^\s/\\])?")
_NOT_CARRIED_OUT = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class Run(AbstractContextManager["Run"]):
    """A run that has begun: it ends with its `with` block, with `end()`, or with the notebook.

    Its name groups the exchanges in the log; a run whose name the log has is continued.

    Attributes
    ----------
    name : str
        The run's name.
    once : bool
        Whether what the run has already done is replayed.

    """

    def __init__(
        self,
        session: Session,
        name: str,
        *,
        note: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        once: bool = False,
    ) -> None:
        _check(name, parameters)
        facts = gather(note, parameters)
        self.name = name
        self.once = once
        self._session = session
        self._numbers = itertools.count(1)
        self._in_block = False
        if session.open_runs and session.open_runs[-1].begins_again_as(name):
            session.open_runs[-1].end()
        routing = session.routing
        self.before = (session.log.run, routing.run_replayed)
        session.log.begin(name, **session.facts, **facts)
        routing.run_replayed = Replay(session.log.source(name), only=_done) if once else None
        session.operations.restart(name)
        session.open_runs.append(self)

    def uuid(self) -> str:
        """Return an id for a cell's own use, such as an order's: the same for the same cells.

        Returns
        -------
        str
            A UUID made from the run's name and from how many it has made before.

        Examples
        --------
        >>> run = sw.run("checkout")
        >>> call.user_event({"action": "order.confirmed", "order_id": run.uuid()})

        """
        return made_uuid(self.name, next(self._numbers))

    def source(self) -> LogRun:
        """Return the run as the log has it, for comparing."""
        return self._session.log.source(self.name)

    def end(self) -> None:
        """End the run; the one before it continues. Does nothing if it has already ended."""
        session, runs = self._session, self._session.open_runs
        if self not in runs:
            return
        place = runs.index(self)
        runs.remove(self)
        if place < len(runs):  # one that began in this one continues, and then what was before this
            runs[place].before = self.before
            return
        run, session.routing.run_replayed = self.before
        session.log.begin(run)

    def begins_again_as(self, name: str) -> bool:
        """Return whether a run that begins now is this one again, because its cell is run again.

        Parameters
        ----------
        name : str
            The name of the run that begins.

        """
        return self.name == name and not self._in_block

    @override
    def __enter__(self) -> Self:
        self._in_block = True
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def __repr__(self) -> str:
        return (
            f"<Run {self.name!r}{' · once' if self.once else ''} · {self._session.facts['mode']}>"
        )

    def _repr_html_(self) -> str:
        facts = dict(self.source().facts)
        shown = ("mode", "host", "note", "notebook", "parameters", "commit")
        facts["parameters"] = ", ".join(
            f"{name}={json.dumps(value, ensure_ascii=False)}"
            for name, value in (facts.get("parameters") or {}).items()
        )
        if facts.get("dirty"):
            facts["commit"] = f"{facts['commit']}, and files that differ from it"
        mark = html.badge("once: what was done is replayed" if self.once else "run", "quiet")
        return html.card(self.name, mark, [html.facts((name, facts.get(name)) for name in shown)])


def begin(  # noqa: D417 - the client binds the session
    session: Session,
    name: str,
    *,
    note: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    once: bool = False,
) -> Run:
    """Begin a named run: `with sw.run("checkout"):`, or `sw.run("checkout")` from here on.

    The log groups the run's exchanges and keeps where, when and with what they were sent.

    Parameters
    ----------
    name : str
        Up to 100 characters, without slashes.
    note : str, optional
        Kept with the run.
    parameters : mapping, optional
        What the run uses, such as settings; kept with it.
    once : bool, default False
        Replay what the run has already done, and send only what is new.

    Raises
    ------
    ConfigurationError
        If the name is malformed.

    Examples
    --------
    >>> with sw.run("checkout", once=True):
    ...     call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")

    """
    session.check_open("run")
    return Run(session, name, note=note, parameters=parameters, once=once)


def _check(name: Any, parameters: Any) -> None:
    fits = isinstance(name, str) and _NAME.fullmatch(name) and name.isprintable()
    if not fits or name.endswith(".jsonl"):
        raise ConfigurationError(
            "run: the name must be a string of up to 100 characters without slashes, "
            "and not the name of a recording"
        )
    if not isinstance(parameters, Mapping | None):
        raise ConfigurationError("run.parameters: must be a dict")


def _done(exchange: Exchange) -> bool:
    """Return whether a run has done this, so that it must not be sent again."""
    if exchange.outcome in NEVER_ARRIVED:
        return False
    if exchange.outcome in ("sent", "unknown"):
        model = c.Command.of_wire(exchange.command)
        return model is not None and not model.repeatable
    return exchange.http_status not in _NOT_CARRIED_OUT
