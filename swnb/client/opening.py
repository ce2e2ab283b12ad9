"""Making the session of a client: credentials, the transport, the log."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

from swnb.client.call import Call
from swnb.events.waiting.operations import Operation
from swnb.hidden import HiddenDict, Secrets
from swnb.log import Log
from swnb.session import environment
from swnb.session.budget import Budget, budget_of
from swnb.session.credentials import credentials
from swnb.session.session import Session
from swnb.transports.live import Live, basic

if TYPE_CHECKING:
    from swnb.exchange import Transport


def opened(
    given: HiddenDict,
    options: dict[str, Any],
    log: str | PathLike[str] | Log,
    run: str | None,
    *,
    dry_run: bool,
    budget: float | Budget | None,
) -> Session:
    """Return the session of a client with these credentials and transport options."""
    limit = budget_of(budget)
    transport: Transport | None = environment.replay()
    secrets = Secrets()
    if transport is None:
        given.update(zip(given, credentials(**given), strict=True))
        environment.check_host(given["host"])
        transport = Live(**given, **options)
        # Redaction goes by the names of fields; these may also turn up in an echo.
        secrets = Secrets([given["token"], basic(given["project"], given["token"])])
    session = Session(
        transport,
        log if isinstance(log, Log) else Log(log, run=run),
        call_class=Call,
        reply_class=Operation,
        project=given["project"] or "",
        secrets=secrets,
        dry_run=dry_run,
        budget=limit,
    )
    session.login = HiddenDict(project=given["project"], token=given["token"])
    return session
