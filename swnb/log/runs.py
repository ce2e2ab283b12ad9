"""One run of a log as a `Source`: its exchanges one after the other, to replay, compare or export."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from swnb.errors import LogError
from swnb.log.rows import ENDED, SENT, Ended, Sent, joined, names, read_exchange
from swnb.recordings.lines import as_text, unknown_parameters

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from swnb.exchange import Exchange
    from swnb.log.journal import Journal
    from swnb.log.store import Log

_PAGE = 1_000
_EXCHANGES = f"""
    SELECT sent.id, {names("sent", SENT)}, requests.body, ended.id, {names("ended", ENDED)},
        responses.body
    FROM sent
    LEFT JOIN requests ON requests.exchange = sent.id
    LEFT JOIN ended ON ended.id = (SELECT max(id) FROM ended WHERE exchange = sent.id)
    LEFT JOIN responses ON responses.ended = ended.id
    WHERE sent.id > ? AND sent.run = ? AND NOT (
        sent.space = 'replayed' AND ended.attempts = 0
        AND ended.outcome IN ('accepted', 'rejected', 'unknown')
    )
    ORDER BY sent.id LIMIT {_PAGE}
"""  # noqa: S608 - names of our own
_RUN = "SELECT sent_before, started_at, space, swnb, facts FROM runs WHERE name = ?"


class LogRun:
    """A run of a log, less what it answered from itself (`once`): that was not sent again.

    Raises `LogError` where the log holds no such run, and names the closest. Charge lines are left
    out: the responses hold them.
    """

    masked = False

    def __init__(self, log: Log, journal: Journal, run: str) -> None:
        self._log = log  # a log that nobody holds closes itself
        self.name = f"run {run!r}"
        self._run = run
        self._journal = journal
        rows = journal.read(_RUN, (run,))
        kept = journal.kept()
        starts = [half for half in kept if isinstance(half, Sent)]
        self._kept = [half for half in starts if half.row[SENT.index("run")] == run]
        self._kept_ends = {half.exchange for half in kept if isinstance(half, Ended)}
        begun = journal.begun(run)
        if not rows and not begun:
            close = get_close_matches(run, log.run_names(), n=1)
            advice = f"Did you mean {close[0]!r}?" if close else "log.runs() lists its runs."
            raise LogError(f"log {log.path!r}: holds no such run", advice=advice)
        self._before = rows[0][0] if rows else 0
        self.facts: Mapping[str, Any] = (
            _facts(run, *rows[0][1:]) if rows else {"name": run, **(begun or (0, {}))[1]}
        )

    def places(self) -> Iterator[tuple[int, Exchange]]:
        """Give every exchange with its id."""
        after = self._before
        while rows := self._journal.read(_EXCHANGES, (after, self._run)):
            for row in rows:
                late = row[0] in self._kept_ends
                yield row[0], self.get(row[0]) if late else _exchange(row)
            after = rows[-1][0]
        for half in self._kept:
            yield half.id, self.get(half.id)

    def get(self, place: int) -> Exchange:
        """Read one exchange again."""
        found = read_exchange(self._journal.read, self._journal.kept(), self._journal.id_of(place))
        if found is None:
            raise LogError("log: holds no exchange with this id")
        return found

    def where(self, place: int) -> str:
        """Name an exchange by its id."""
        return f"exchange {place}"

    def extras_at(self, place: int) -> list[str]:
        """Name the parameters that this catalogue does not know: the log does not say since when."""
        return unknown_parameters(self.get(place))

    def close(self) -> None:
        """Leave the log open: it is its own object's to close."""


def _exchange(row: tuple[Any, ...]) -> Exchange:
    cut = len(SENT) + 2
    sent = Sent(row[0], row[1 : cut - 1], row[cut - 1])
    ended = Ended(row[0], row[cut + 1 : -1], row[-1], []) if row[cut] is not None else None
    return joined(sent, ended)


def _facts(run: str, started_at: int, space: str, version: str, facts: str) -> dict[str, Any]:
    known = {"name": run, "started_at": as_text(started_at), "space": space, "swnb": version}
    return {**known, **json.loads(facts)}
