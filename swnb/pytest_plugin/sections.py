"""What a failed test shows of what it sent, and of what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swnb.errors import LogError
from swnb.recordings.matching import display_text
from swnb.words import cut

if TYPE_CHECKING:
    from swnb.client import Client

_SHOWN = 20
_WIDTH = 100
_CALLS = 3  # whose timelines are shown, the latest


def sections_of(client: Client) -> list[tuple[str, str]]:
    """Return the last exchanges of a test, and the timelines of its latest calls, each with a title."""
    sections = [("exchanges of sw", _exchanges(client))]
    try:
        calls = client.log.calls()["call_id"].tolist()
        sections += [
            (f"timeline of call {call_id}", client.log.timeline(call_id).to_text())
            for call_id in calls[-_CALLS:]
        ]
    except LogError:  # the section above says so
        pass
    return sections


def _exchanges(client: Client) -> str:
    """Return the last exchanges of a test: outcome, command, parameters or path, and error."""
    try:
        places = list(client.log.source().places())
    except LogError as error:  # the test may have closed it
        return str(error)
    lines = []
    for number, (_, exchange) in enumerate(places, 1):
        sent = exchange.request if isinstance(exchange.request, dict) else {}
        what = display_text(sent["params"]) if "params" in sent else sent.get("path", "")
        shown = cut(what, _WIDTH)
        lines.append(f"{number:>4}  {exchange.outcome:<9} {exchange.command:<24} {shown}".rstrip())
        if exchange.error_message:
            lines.append(f"      {display_text(exchange.error_message)}")
    more = [f"      … and {len(lines) - _SHOWN} lines before"] if len(lines) > _SHOWN else []
    return "\n".join([*more, *lines[-_SHOWN:]]) or "nothing was sent"
