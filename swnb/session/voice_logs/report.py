"""What a sync or a reconciliation came to, as numbers, a frame and a card."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.log.voice_logs.entries import compare
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

    `unreadable` entries have no id and were left out, though their page keeps them; `missing` are
    the calls that the platform does not know (any more), and `off` those whose charge is not the
    sum of their lines (`differences` shows them). `continued` says that an interrupted sync
    was finished: what came since it began is for the next one. With `dry_run` nothing was read.
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
        """Count a page in."""
        self.pages += 1
        self.calls += len(entries)
        self.new += stored.new
        self.changed += stored.changed
        self.unreadable += stored.unreadable
        compare(entries, self._off)

    def add_one(self, known: Any, entry: dict[str, Any]) -> None:
        """Count one entry in, by what was known of it."""
        self.calls += 1
        self.new += known is None
        self.changed += known is not None and known != entry
        compare([entry], self._off)

    def repeat(self, recorded: Mapping[str, Any]) -> None:
        """Take the numbers of a recorded sync."""
        for name in ("pages", "calls", "new", "changed", "unreadable", "events"):
            setattr(self, name, recorded.get(name, 0))

    def counts(self) -> dict[str, int]:
        """Return the numbers that are not 0, and those that are always of interest."""
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
            *(["a rehearsal: nothing was read"] if self.dry_run else []),
            *(
                ["continued where an earlier one stopped: call it again for what came since"]
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
