"""What a test expects to have been sent: `len(sw.log.sent("user_event", event={…})) == 1`.

pytest shows the repr of what it measured, in one line, so the repr of a result says what was asked
for, what was found, and, where nothing was, in what the nearest exchanges differ.
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
        self, asked: str, found: list[Exchange], others: list[tuple[Exchange, list[Difference]]]
    ) -> None:
        self._asked = asked
        self._found = found
        self._others = others

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._found)

    def __getitem__(self, place: int) -> Exchange:
        return self._found[place]

    @property
    def df(self) -> DataFrame:
        """A frame of them: id, sent_at, command, call_id, outcome, params (dict)."""
        import pandas as pd  # noqa: PLC0415 - an expectation that holds needs no frame

        rows = [
            (each.id, each.sent, each.command, each.call_id, each.outcome, params_of(each))
            for each in self._found
        ]
        names = ["id", "sent_at", "command", "call_id", "outcome", "params"]
        return pd.DataFrame(rows, columns=names)

    def lines(self) -> list[str]:
        """Give what is shown, line by line."""
        total = len(self._found) + len(self._others)
        lines = [f"{len(self._found)} of {total} sent match {self._asked}"]
        lines += [f"  {each.id}: {params_of(each)}" for each in self._found[:_SHOWN]]
        if not self._found:
            nearest = sorted(self._others, key=lambda other: len(other[1]))[:_SHOWN]
            lines += [f"  {each.id}: {_told(found)}" for each, found in nearest]
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
    """Find the exchanges of a run that sent a command with at least these parameters."""
    wire = c.find(command).wire
    asked = {c.wire_name(name): value for name, value in params.items()}
    found, others = [], []
    for _, exchange in source.places():
        if exchange.command == wire and exchange.outcome not in NEVER_ARRIVED:
            lacking = list(_lacking(asked, params_of(exchange)))
            if lacking:
                others.append((exchange, lacking))
            else:
                found.append(exchange)
    return Sent(f"{wire} {asked}" if asked else wire, found, others)


def params_of(exchange: Exchange) -> dict[str, Any]:
    """Give the parameters of an exchange's request."""
    request = exchange.request
    params = request.get("params") if isinstance(request, dict) else None
    return params if isinstance(params, dict) else {}


def _lacking(asked: Any, sent: Any) -> Iterable[Difference]:
    """Give the differences in what was asked for; what was sent beside it does not matter."""
    return differences(asked, _part(asked, sent))


def _part(asked: Any, sent: Any) -> Any:
    if not isinstance(asked, dict) or not isinstance(sent, dict):
        return sent
    return {key: _part(asked[key], sent[key]) for key in asked if key in sent}


def _told(found: Iterable[Difference]) -> str:
    return ", ".join(
        f"{path} was not sent" if sent is MISSING else f"{path} was {sent!r}"
        for path, _, sent in found
    )
