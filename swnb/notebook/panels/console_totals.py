"""What this run and the whole log come to, as the console says it in a page and in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swnb import html
from swnb.cards import money
from swnb.exchange import ERRORS
from swnb.words import counted

if TYPE_CHECKING:
    import pandas as pd

    from swnb.session.session import Session


def totals(session: Session, calls: pd.DataFrame) -> dict[str, list[str]]:
    """Return what this run and the whole log come to: calls, exchanges, errors and their charge."""
    log = session.log
    parts = {
        "this run": (log.df, calls[calls["run"] == log.run]),
        "whole log": (log.exchanges(), calls),
    }
    return {
        name: [
            counted(len(own), "call"),
            counted(len(exchanges), "exchange"),
            counted(int(exchanges["outcome"].isin(ERRORS).sum()), "error"),
            money(float(own["charge"].sum())) or "$0",
        ]
        for name, (exchanges, own) in parts.items()
    }


def totals_line(session: Session, calls: pd.DataFrame) -> html.Markup:
    """Return the totals as one line of HTML."""
    sums = [
        f"<b>{name}</b> {html.text(html.DOT.join(facts))}"
        for name, facts in totals(session, calls).items()
    ]
    mark = html.badge(session.space, "quiet")
    return html.line(html.Markup(f"<b>Console</b> {mark} &nbsp; {' &nbsp;|&nbsp; '.join(sums)}"))
