"""How replies, calls and clients look in a notebook: compact cards that load nothing.

Cards are made only from the redacted exchange, so they cannot show what the log does not have. The
request can be copied as Python, curl and TypeScript; secrets in it are redacted.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from swnb import commands as c, html
from swnb.event import said
from swnb.exchange import CALLS_PATH
from swnb.recordings.lines import unknown_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from swnb.exchange import Exchange

WIDTH = 92  # of a line of Python to copy

mark = html.mark


def money(charge: Any) -> str | None:
    """Return US dollars with all their digits, None if there is no amount."""
    return None if not isinstance(charge, int | float) else f"${charge:.9f}".rstrip("0").rstrip(".")


def reply_card(body: Mapping[str, Any], exchange: Exchange) -> str:
    """Return a reply's card: payload, status, from → to, charge and time; ids short; JSON folded."""
    status = body.get("status")
    where = f"{exchange.from_} → {exchange.to}" if exchange.from_ or exchange.to else None
    shown = status if isinstance(status, str) else exchange.outcome
    seconds = [
        ("took", exchange.elapsed_ms and f"{exchange.elapsed_ms:.0f} ms"),
        ("attempts", exchange.attempts if exchange.attempts > 1 else None),
        ("control id", exchange.control_id and html.mono(exchange.control_id)),
        ("call", short_id(exchange.call_id)),
        ("request", short_id(exchange.request_id)),
        *(("", remark) for remark in remarks(exchange)),
    ]
    parts = [
        html.facts(seconds, muted=True),
        *_whole(exchange),
        html.folded(_in_languages(exchange), sources(exchange)),
    ]
    beside = [
        where and html.mono(where),
        money(body.get("charge")),
        html.mono(f"{exchange.sent:%H:%M:%S}"),
    ]
    says = said(exchange.command, exchange.request)
    lines = [html.line(html.mono(says))] if says else []
    return html.card(exchange.command, mark(shown), [*lines, *parts], beside=beside)


def short_id(id_: str | None) -> html.Markup | None:
    """Return the beginning of an id; the whole one stands in a fold."""
    return html.mono(html.short(id_)) if id_ else None


def _whole(exchange: Exchange) -> list[html.Markup]:
    """Return the ids and the reply, whole and to copy, in a fold."""
    ids = {"call": exchange.call_id, "request": exchange.request_id}
    lines = [f"{name}: {id_}" for name, id_ in ids.items() if id_]
    reply = [] if exchange.response is None else [html.code(pretty(exchange.response))]
    parts = [*([html.code("\n".join(lines))] if lines else []), *reply]
    name = "Reply" if reply else "Ids"
    return [html.folded(name, html.Markup("".join(map(str, parts))))] if parts else []


def remarks(exchange: Exchange) -> list[str]:
    """Return what a reader must know: simulated, replayed, dry run, unchecked parameters."""
    said: list[str] = []
    if exchange.space != "live":
        said.append(exchange.space)
    if exchange.outcome == "dry_run":
        said.append("dry run: nothing was sent")
    unchecked = unknown_parameters(exchange)
    if unchecked:
        said.append(f"sent unchecked: {', '.join(unchecked)}")
    return said


def call_card(
    call_id: str,
    last: Mapping[str, Any] | None,
    operations: Mapping[str, list[str]],
    exchange: Exchange | None,
) -> str:
    """Return a call's card: its state in the latest reply, and the operations that are open."""
    body = last or {}
    where = f"{body.get('from')} → {body.get('to')}" if "from" in body else None
    open_ones = ", ".join(control_id for ids in operations.values() for control_id in ids)
    lines = body.get("charge_details") or []
    seconds: list[tuple[str, object]] = [
        ("call", short_id(call_id)),
        ("open", open_ones and html.mono(open_ones)),
    ]
    seconds += [("", remark) for remark in (remarks(exchange) if exchange else [])]
    parts = [
        html.facts([(str(line.get("description")), money(line.get("charge"))) for line in lines]),
        html.facts(seconds, muted=True),
        html.folded("Id", html.code(call_id)),
    ]
    beside = [
        where and html.mono(where),
        money(body.get("charge")),
        None if body.get("duration") is None else f"{body['duration']} s",
    ]
    status = body.get("status")
    shown = mark(status if isinstance(status, str) else None)
    return html.card("Call", shown, parts, beside=beside)


def client_card(name: str, space: str, facts: Mapping[str, object], *, dry_run: bool) -> str:
    """Return a client's card: where it sends or what it replays, as whom, and where it logs."""
    # On a live space a cell can cost money, so it stands out.
    tone: html.Tone = "wait" if space == "live" and not dry_run else "quiet"
    return html.card(
        "swnb.Client",
        html.badge("dry run: nothing is sent" if dry_run else space, tone),
        [html.facts([("", html.mono(name)), *facts.items()])],
    )


def pretty(value: Any) -> str:
    """Return JSON indented for reading; text is unchanged."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def sources(exchange: Exchange) -> html.Markup:
    """Return the request in the three languages that people paste it into; RELAY has only Python."""
    if exchange.command in c.Command.over_relay:
        return html.code(as_python(exchange))
    return html.Markup(
        "".join(
            f'<div style="opacity:.65;font-size:12px">{name}</div>{html.code(source)}'
            for name, source in (
                ("Python", as_python(exchange)),
                ("curl", as_curl(exchange)),
                ("TypeScript", as_typescript(exchange)),
            )
        )
    )


def _in_languages(exchange: Exchange) -> str:
    over_relay = exchange.command in c.Command.over_relay  # a frame cannot be sent by itself
    return f"Request as Python{'' if over_relay else ', curl, TypeScript'}"


def as_python(exchange: Exchange) -> str:
    """Return the exchange's request as the Python statement that sends it."""
    request = exchange.request if isinstance(exchange.request, dict) else {}
    model = c.Command.of_wire(exchange.command)
    if model is None:
        name = exchange.command
        return f"sw.{name}({_literal(exchange.call_id) if exchange.call_id else ''})"
    params = request.get("params", {})
    keywords = {c.wire_name(name): name for name in model.model_fields}
    arguments = [_literal(request["id"])] if request.get("id") else []
    arguments += [
        f"{keywords[name]}={_python(value)}" for name, value in params.items() if name in keywords
    ]
    extras = {name: value for name, value in params.items() if name not in keywords}
    arguments += [f"extras={_python(extras)}"] if extras else []
    joined = ",\n    ".join(arguments)
    if model is c.Answer:
        return f"sw.call({joined}).answer()"
    method = f"{'inbox' if model.relay_only else 'sw.calling'}.{model.method()}"
    return f"{method}(\n    {joined},\n)" if joined else f"{method}()"


def as_curl(exchange: Exchange) -> str:
    """Return the exchange's request as a curl command that reads credentials from the environment."""
    request = exchange.request or {}
    credentials = '-u "$SIGNALWIRE_PROJECT_ID:$SIGNALWIRE_API_TOKEN"'
    if request.get("method") == "GET":
        return f'curl {credentials} \\\n  "https://$SIGNALWIRE_SPACE{request["path"]}"'
    body = shlex.quote(json.dumps(request, indent=2, ensure_ascii=False))
    return (
        f'curl -X POST "https://$SIGNALWIRE_SPACE{CALLS_PATH}" \\\n  {credentials} \\\n'
        f"  -H 'Content-Type: application/json' \\\n  -d {body}"
    )


def as_typescript(exchange: Exchange) -> str:
    """Return the exchange's request as a TypeScript fetch."""
    request = exchange.request or {}
    read = request.get("method") == "GET"
    headers = ["Authorization: `Basic ${btoa(`${project}:${token}`)}`"]
    headers += [] if read else ['"Content-Type": "application/json"']
    inner = ",\n    ".join(headers)
    options = [] if read else ['method: "POST"']
    options.append(f"headers: {{\n    {inner},\n  }}")
    if not read:
        body = json.dumps(request, indent=2, ensure_ascii=False).replace("\n", "\n  ")
        options.append(f"body: JSON.stringify({body})")
    path = request["path"] if read else CALLS_PATH
    joined = ",\n  ".join(options)
    return f"const reply = await fetch(`https://${{space}}{path}`, {{\n  {joined},\n}});"


def _python(value: Any, indent: int = 4) -> str:
    """Return JSON as a Python literal, on one line if it fits."""
    line = _literal(value)
    if len(line) + indent <= WIDTH or not isinstance(value, dict | list) or not value:
        return line
    inner, outer = " " * (indent + 4), " " * indent
    if isinstance(value, dict):
        entries = [f"{_literal(key)}: {_python(item, indent + 4)}" for key, item in value.items()]
        opening, closing = "{", "}"
    else:
        entries = [_python(item, indent + 4) for item in value]
        opening, closing = "[", "]"
    body = "".join(f"{inner}{entry},\n" for entry in entries)
    return f"{opening}\n{body}{outer}{closing}"


def _literal(value: Any) -> str:
    """Return JSON as a Python literal on one line, with double quotes as formatters prefer."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
    if isinstance(value, dict):
        return (
            f"{{{', '.join(f'{_literal(key)}: {_literal(item)}' for key, item in value.items())}}}"
        )
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return repr(value)
