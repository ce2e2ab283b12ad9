"""What happened on a call, as the console shows it: newest first, and each row opens.

A row says how long after the first one it was, what it was and how it ended. It opens into the request
and the response of an exchange, to copy and to send again in the form, or into the body of an event.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.cards import money, pretty, sources
from swnb.commands import COMMANDS
from swnb.notebook.page import copyable
from swnb.words import cut, length

if TYPE_CHECKING:
    from swnb.log import Log

Row = Mapping[Any, Any]  # of the frame of a timeline, None for what is not known

MOST = 100  # rows, the newest
_LONGEST = 160  # letters of what a row says
_LABEL = 80  # letters of an exchange in a dropdown
_WIRES = frozenset(model.wire for model in COMMANDS.values())


def story(log: Log, call_id: str | None, *, live: bool = True) -> tuple[str, list[tuple[str, int]]]:
    """Return a call's story as HTML, and its exchanges that can be sent again, newest first.

    Each of these is a label and the id of the exchange. One that is not `live` is saved, and has nothing to
    press. Raises `LogError` if the log cannot be read.
    """
    if call_id is None:
        return str(html.line("No call is selected.")), []
    frame = log.timeline(call_id).df
    frame = frame[frame["direction"] != "reply"]  # it is in the row of what was sent
    newest = frame.iloc[::-1].head(MOST).astype(object)
    rows, again = [], []
    for row in newest.where(newest.notna(), None).to_dict("records"):
        since = "" if row["elapsed"] is None else f"+{length(row['elapsed'])}"
        rows.append(_row(log, row, since, live=live))
        if row["direction"] == "sent" and row["id"] is not None and _wire(row["kind"]):
            label = " ".join(f"{since} {row['kind']} {row['told'] or ''}".split())
            again.append((cut(label, _LABEL), int(row["id"])))
    left = len(frame) - len(newest)
    if left:
        rows.append(str(html.line(f"{left:,} earlier ones: sw.log.timeline({call_id!r})")))
    head = html.line(html.Markup(f"<b>Timeline</b> {html.mono(call_id)}"))
    body = html.scrolled(html.Markup("".join(rows)), height=32)
    return f"{head}{body}", again


def _wire(kind: str) -> str | None:
    return next((wire for wire in (kind, f"calling.{kind}") if wire in _WIRES), None)


def _row(log: Log, row: Row, since: str, *, live: bool) -> str:
    arrow = {"sent": "→ ", "heard": "← "}.get(row["direction"], "")
    facts: Sequence[object] = [
        html.mono(since),
        f"{arrow}{row['kind']}",
        html.mark(row["state"]),
        cut(" ".join((row["told"] or "").split()), _LONGEST),
        money(row["charge"]),
        f"{row['repeats']} repeats" if row["repeats"] else None,
    ]
    told = html.DOT.join(html.text(fact) for fact in facts if fact not in (None, ""))
    sent = row["direction"] == "sent"
    opened = _exchange(log, row["id"], live=live) if sent else _body(row, live=live)
    if not opened:
        return f'<div style="margin:0 0 0 1.1em;line-height:1.7">{told}</div>'
    style = "cursor:pointer;overflow-wrap:anywhere;line-height:1.7"
    return (
        f'<details><summary style="{style}">{told}</summary>'
        f'<div style="margin-left:1.1em">{opened}</div></details>'
    )


def _exchange(log: Log, id_: int | None, *, live: bool) -> str:
    if id_ is None:
        return ""
    exchange = log.get(id_)
    parts = [html.line(f"{exchange.sent:%Y-%m-%d %H:%M:%S} UTC · exchange {id_}")]
    for name, value in (("Request", exchange.request), ("Response", exchange.response)):
        if value is not None:
            parts += [html.line(name), _code(value, live=live)]
    if exchange.error_message:
        parts.append(html.line(exchange.error_message))
    if exchange.command in _WIRES:
        parts.append(html.folded("Request as Python, curl, TypeScript", sources(exchange)))
        button = html.Markup(
            f'<button type="button" class="jupyter-button" data-swnb-do="again:{id_}" '
            'style="display:none;width:auto">Send again in the form</button>'
        )
        parts += [button] if live else []
    return "".join(map(str, parts))


def _body(row: Row, *, live: bool) -> str:
    source, control_id = row["source"], row["control_id"]
    where = html.line(f"{source}{html.DOT}{control_id}" if control_id else source)
    return f"{where}{_code(row['body'], live=live)}" if row["body"] else ""


def _code(value: Any, *, live: bool) -> html.Markup:
    code = html.code(pretty(value))
    return copyable(code) if live else code
