"""The result of a sync or a reconciliation, as numbers, a frame and a card."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.log.voice_logs.entries import note_mismatches
from swnb.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pandas import DataFrame

    from swnb.log import Log
    from swnb.log.voice_logs.pages import Stored

_SHOWN = 5  # differences that a card lists


@dataclass(slots=True, repr=False)
class SyncReport:
    """How many voice logs were read, and what was new in them.

    Attributes
    ----------
    name : str
        ``"sync"`` or ``"reconcile"``.
    log : Log
        The log that the entries are in.
    pages, calls, new, changed, events : int
        How many of them were read.
    unreadable : int
        How many entries had no id and were left out; their page keeps them.
    missing : list of str
        The ids of the calls that the platform does not know (any more).
    continued : bool
        Whether an interrupted sync was finished: run it again for what came since it began.
    dry_run : bool
        Whether nothing was read.

    """

    name: str
    log: Log = field(repr=False)
    pages: int = 0
    calls: int = 0
    new: int = 0
    changed: int = 0
    unreadable: int = 0
    events: int = 0
    missing: list[str] = field(default_factory=list)
    continued: bool = False
    dry_run: bool = False
    _off: dict[str, tuple[Any, ...]] = field(default_factory=dict, repr=False)

    @property
    def differences(self) -> DataFrame:
        """The calls that were read whose charge is not the sum of their lines, and both.

        They are those of `off`, as they were read. Columns: call_id, created, type, charge (NaN if
        there are only lines), lines (their sum) and difference (charge less lines), in US dollars.
        """
        from swnb.log.voice_logs.frames import differences_of  # noqa: PLC0415 - loads pandas

        return differences_of(list(self._off.values()))

    @property
    def off(self) -> list[str]:
        """The ids of the calls whose charge is not the sum of their lines."""
        return list(self._off)

    def add(self, entries: Sequence[Mapping[str, Any]], stored: Stored) -> None:
        """Add a page to the numbers."""
        self.pages += 1
        self.calls += len(entries)
        self.new += stored.new
        self.changed += stored.changed
        self.unreadable += stored.unreadable
        note_mismatches(entries, self._off)

    def add_one(self, before: Any, entry: dict[str, Any]) -> None:
        """Add one entry to the numbers, by what was known of it."""
        self.calls += 1
        self.new += before is None
        self.changed += before is not None and before != entry
        note_mismatches([entry], self._off)

    def repeat(self, recorded: Mapping[str, Any]) -> None:
        """Set the numbers to those of a recorded sync."""
        for name in ("pages", "calls", "new", "changed", "unreadable", "events"):
            setattr(self, name, recorded.get(name, 0))

    def counts(self) -> dict[str, int]:
        """Return the numbers that are not 0, and always those of calls, new and changed."""
        counts = {
            "pages": self.pages,
            "calls": self.calls,
            "new": self.new,
            "changed": self.changed,
            "unreadable": self.unreadable,
            "events": self.events,
            "missing": len(self.missing),
            "differences": len(self.off),
        }
        always = ("calls", "new", "changed")
        return {name: count for name, count in counts.items() if count or name in always}

    def _notes(self) -> list[str]:
        return [
            *(["dry run: nothing was read"] if self.dry_run else []),
            *(
                ["continued where an earlier one stopped; run it again for what came since"]
                if self.continued
                else []
            ),
        ]

    def __repr__(self) -> str:
        parts = [f"{count:,} {name}" for name, count in self.counts().items()]
        return visible(f"<SyncReport {' · '.join([self.name, *parts, *self._notes()])}>")

    def _repr_html_(self) -> str:
        facts = [(name, f"{count:,}") for name, count in self.counts().items()]
        parts = [html.facts(facts), *map(html.line, self._notes())]
        if not self.off:
            return html.card(self.name, html.badge("done", "good"), parts)
        parts.append(html.line("The charge of these calls is not the sum of its lines (USD):"))
        first = self.differences.head(_SHOWN)
        for key, charge, lines in zip(
            first["call_id"], first["charge"], first["lines"], strict=True
        ):
            shown = [
                ("call", html.mono(key)),
                ("charge", "none" if isnan(charge) else _amount(charge)),
                ("lines", _amount(lines)),
            ]
            parts.append(html.facts(shown))
        return html.card(self.name, html.badge("differences", "bad"), parts)


def _amount(usd: float) -> str:
    return f"{usd:,.9f}".rstrip("0").rstrip(".")
