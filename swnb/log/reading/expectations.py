"""What a test expects to have been sent: `len(sw.log.sent("user_event", event={…})) == 1`.

pytest shows the repr of what it measured on one line, so the repr of a result says what was expected,
what matches, and, if nothing does, how the nearest exchanges differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from swnb import commands as c, html
from swnb.exchange import NEVER_ARRIVED
from swnb.recordings.matching import MISSING, Difference, differences
from swnb.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pandas import DataFrame

    from swnb.exchange import Exchange
    from swnb.recordings.source import Source

_SHOWN = 5


class Sent:
    """The exchanges that match, oldest first; `len`, iteration, indices, and `df` as a frame."""

    def __init__(
        self,
        expected: str,
        matches: list[Exchange],
        others: list[tuple[Exchange, list[Difference]]],
    ) -> None:
        self._expected = expected
        self._matches = matches
        self._others = others

    def __len__(self) -> int:
        return len(self._matches)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._matches)

    def __getitem__(self, place: int) -> Exchange:
        return self._matches[place]

    @property
    def df(self) -> DataFrame:
        """The exchanges as a frame: id, sent_at, command, call_id, outcome, params (a dict)."""
        import pandas as pd  # noqa: PLC0415 - an expectation that holds needs no frame

        rows = [
            (
                exchange.id,
                exchange.sent,
                exchange.command,
                exchange.call_id,
                exchange.outcome,
                params_of(exchange),
            )
            for exchange in self._matches
        ]
        names = ["id", "sent_at", "command", "call_id", "outcome", "params"]
        return pd.DataFrame(rows, columns=names)

    def lines(self) -> list[str]:
        """Return what is shown, line by line."""
        total = len(self._matches) + len(self._others)
        lines = [f"{len(self._matches)} of {total} sent match {self._expected}"]
        lines += [f"  {exchange.id}: {params_of(exchange)}" for exchange in self._matches[:_SHOWN]]
        if not self._matches:
            nearest = sorted(self._others, key=lambda other: len(other[1]))[:_SHOWN]
            lines += [f"  {exchange.id}: {_described(lacking)}" for exchange, lacking in nearest]
        return lines

    def __repr__(self) -> str:
        first, *rest = (line.strip() for line in self.lines())
        return visible(f"<{first}{': ' if rest else ''}{'; '.join(rest)}>")

    def __str__(self) -> str:
        return visible("\n".join(self.lines()))

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(str(self))

    def _repr_html_(self) -> str:
        first, *rest = self.lines()
        return html.card(first, None, [html.code("\n".join(rest))] if rest else [])


def matching(source: Source, command: str, params: Mapping[str, Any]) -> Sent:
    """Return the exchanges of a run that sent a command with at least these parameters."""
    wire = c.find(command).wire
    expected = {c.wire_name(name): value for name, value in params.items()}
    matches, others = [], []
    for _, exchange in source.places():
        if exchange.command == wire and exchange.outcome not in NEVER_ARRIVED:
            lacking = list(_lacking(expected, params_of(exchange)))
            if lacking:
                others.append((exchange, lacking))
            else:
                matches.append(exchange)
    return Sent(f"{wire} {expected}" if expected else wire, matches, others)


def params_of(exchange: Exchange) -> dict[str, Any]:
    """Return the parameters of an exchange's request."""
    request = exchange.request
    params = request.get("params") if isinstance(request, dict) else None
    return params if isinstance(params, dict) else {}


def _lacking(expected: Any, sent: Any) -> Iterable[Difference]:
    """Return the differences from what was expected; other parameters do not matter."""
    return differences(expected, _part(expected, sent))


def _part(expected: Any, sent: Any) -> Any:
    if not isinstance(expected, dict) or not isinstance(sent, dict):
        return sent
    return {key: _part(expected[key], sent[key]) for key in expected if key in sent}


def _described(lacking: Iterable[Difference]) -> str:
    return ", ".join(
        f"{path} was not sent" if sent is MISSING else f"{path} was {sent!r}"
        for path, _, sent in lacking
    )
