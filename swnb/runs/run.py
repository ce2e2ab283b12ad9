"""A named run: from where it begins to where it ends, its client's exchanges are its own.

With `once`, a request that the run has already made is answered from the log. What was carried out,
may have been, or was refused for what it is, is replayed; what certainly was not carried out
(`failed`, 429, 503) and a repeatable request of unknown outcome are sent. A request that may have
been carried out and must not be repeated raises `OutcomeUnknown` again, and is never sent twice.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from swnb import commands as c
from swnb import html
from swnb.client import headless
from swnb.errors import ConfigurationError
from swnb.runs.facts import gather
from swnb.transports.replay import NEVER_SENT, Replay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from swnb.client import Client
    from swnb.exchange import Exchange, Request, Transport

_NAME = re.compile(r"[^\s/\\](?:[^/\\\r\n]{0,98}[^\s/\\])?")
_NOT_CARRIED_OUT = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class Run(AbstractContextManager["Run"]):
    """A run that has begun: it ends with its `with` block, with `end()`, or with the notebook.

    `name` groups the exchanges in the log; a run of a name that is there goes on. Raises
    `ConfigurationError` for a name that is empty, too long, or looks like a path.
    """

    def __init__(
        self,
        client: Client,
        name: str,
        *,
        note: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        once: bool = False,
    ) -> None:
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name.endswith(".jsonl"):
            raise ConfigurationError(
                "run: the name must be a text of up to 100 characters without slashes, "
                "and not the name of a recording"
            )
        self.name = name
        self._client = client
        self._before = (client.log.run, client.route, client.replayed_run)
        client.log.begin(name, **client.facts, **gather(note, parameters))
        self.once = once
        if once:
            self._replay = Replay(client.log.source(name), only=_done, again=True)
            self._send = client.route
            client.replayed_run = name
            client.forget_operations()
            client.route = self._route

    def end(self) -> None:
        """End the run; the one before it goes on. Nothing happens where it has ended already."""
        if self._client.log.run == self.name:
            run, self._client.route, self._client.replayed_run = self._before
            self._client.log.begin(run)

    def __exit__(self, *_: object) -> None:
        self.end()

    def _route(self, request: Request) -> Transport:
        if not self._replay.holds(request):
            return self._send(request)
        headless.pass_over(request)
        return self._replay

    def __repr__(self) -> str:
        return f"<Run {self.name!r}{' · once' if self.once else ''} · {self._client.facts['mode']}>"

    def _repr_html_(self) -> str:
        facts = self._client.log.source(self.name).facts
        shown = ("mode", "host", "note", "notebook", "commit")
        mark = html.badge("once: what was done is replayed" if self.once else "run", "quiet")
        return html.card(self.name, mark, [html.facts((name, facts.get(name)) for name in shown)])


def _done(exchange: Exchange) -> bool:
    """Say whether a run has done this, so that it is not to be sent again."""
    if exchange.outcome in (*NEVER_SENT, "failed"):
        return False
    if exchange.outcome in ("sent", "unknown"):
        model = c.Command.catalogue.get(exchange.command)
        return model is not None and not model.repeatable
    return exchange.http_status not in _NOT_CARRIED_OUT
