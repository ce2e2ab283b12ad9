"""What a test expects to have been sent: `len(sw.log.sent("user_event", event={…})) == 1`.

pytest shows the repr of what it measured on one line, so the repr of a result says what was expected,
what matches, and, if nothing does, how the nearest exchanges differ.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from swnb import commands as c, html
from swnb.errors import InvalidCommand, Problem
from swnb.exchange import NEVER_ARRIVED
from swnb.recordings.matching import MISSING, Difference, differences
from swnb.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pandas import DataFrame

    from swnb.commands.base import Command
    from swnb.exchange import Exchange
    from swnb.recordings.source import Source

T = TypeVar("T")
_SHOWN = 5
_ONLY_RELAY = {"answer": c.Answer}  # `dial` is that of REST; that of RELAY is `calling.dial`


class Matches(Generic[T]):
    """What matches an expectation, oldest first: `len`, iteration, indices, and how it shows.

    `run` is the run that was looked at. The others are those that do not match, with what they lack.
    """

    verb: ClassVar[str]

    def __init__(
        self, expected: str, run: str, matches: list[T], others: list[tuple[T, list[Difference]]]
    ) -> None:
        self._expected = expected
        self._run = run
        self._matches = matches
        self._others = others

    def __len__(self) -> int:
        return len(self._matches)

    def __iter__(self) -> Iterator[T]:
        return iter(self._matches)

    def __getitem__(self, place: int) -> T:
        return self._matches[place]

    def _told(self, item: T) -> Any:
        """Return what is shown of an item."""
        raise NotImplementedError

    def _number(self, item: T) -> int | None:
        """Return the number of an item in the log."""
        raise NotImplementedError

    def lines(self) -> list[str]:
        """Return what is shown, line by line."""
        total = len(self._matches) + len(self._others)
        looked = f"{len(self._matches)} of {total} {self.verb} in run {self._run!r} match"
        lines = [f"{looked} {self._expected}"]
        lines += [f"  {self._number(item)}: {self._told(item)}" for item in self._matches[:_SHOWN]]
        if not self._matches:
            nearest = sorted(self._others, key=lambda other: len(other[1]))[:_SHOWN]
            lines += [
                f"  {self._number(item)}: {_described(lacking, self.verb)}"
                for item, lacking in nearest
            ]
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


class Sent(Matches["Exchange"]):
    """The exchanges that match, oldest first; `len`, iteration, indices, and `df` as a frame."""

    verb = "sent"

    def _told(self, item: Exchange) -> Any:
        return params_of(item)

    def _number(self, item: Exchange) -> int | None:
        return item.id

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


def matching(source: Source, run: str, command: str, params: Mapping[str, Any]) -> Sent:
    """Return the exchanges of a run that sent a command with at least these parameters."""
    model = _ONLY_RELAY.get(command) or c.Command.over_relay.get(command) or c.find(command)
    expected = {c.wire_name(name): value for name, value in params.items()}
    call_id = expected.pop("call", None)
    call_id = getattr(call_id, "id", call_id)
    _check(model, expected)
    matches, others = [], []
    for _, exchange in source.places():
        if exchange.command != model.wire or exchange.outcome in NEVER_ARRIVED:
            continue
        lacking = list(lacking_of(expected, params_of(exchange)))
        if call_id is not None and exchange.call_id != call_id:
            lacking.append(("call", call_id, exchange.call_id))
        if lacking:
            others.append((exchange, lacking))
        else:
            matches.append(exchange)
    told = f"{model.wire} {expected}" if expected else model.wire
    return Sent(told, run, matches, others)


def _check(model: type[Command], expected: Mapping[str, Any]) -> None:
    """Raise `InvalidCommand` for a parameter that the command does not have."""
    known = {c.wire_name(name) for name in model.parameters()}
    problems = [
        Problem(name, f"is not a parameter of {model.method()}; {nearest_of(name, known)}")
        for name in expected
        if name not in known
    ]
    if problems:
        raise InvalidCommand(model.method(), problems)


def nearest_of(name: str, known: Iterable[str]) -> str:
    """Return what was probably meant instead of a name, or what there is."""
    close = get_close_matches(name, known := sorted(known), n=1)
    return f"did you mean {close[0]!r}?" if close else f"it has {', '.join(known) or 'none'}"


def params_of(exchange: Exchange) -> dict[str, Any]:
    """Return the parameters of an exchange's request."""
    request = exchange.request
    params = request.get("params") if isinstance(request, dict) else None
    return params if isinstance(params, dict) else {}


def lacking_of(expected: Any, sent: Any) -> Iterable[Difference]:
    """Return the differences from what was expected; other parameters do not matter."""
    return differences(expected, _part(expected, sent))


def _part(expected: Any, sent: Any) -> Any:
    if not isinstance(expected, dict) or not isinstance(sent, dict):
        return sent
    return {key: _part(expected[key], sent[key]) for key in expected if key in sent}


def _described(lacking: Iterable[Difference], verb: str) -> str:
    return ", ".join(
        f"{path} was not {verb}" if sent is MISSING else f"{path} was {sent!r}"
        for path, _, sent in lacking
    )
