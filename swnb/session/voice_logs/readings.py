"""What a client reads from the voice logs."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from swnb.errors import InvalidCommand, LogError
from swnb.exchange import now
from swnb.log.voice_logs.pages import Page
from swnb.session.credentials import hidden_id
from swnb.session.voice_logs.reading import VoiceLogs, entries, query_of, reading_of_call

if TYPE_CHECKING:
    from datetime import date

    from swnb.session.answers.replies import Reply
    from swnb.session.session import Client


EVENTS = "voice_log_events"


class Readings:
    """The readings of a `Client`: they change nothing, and may always be repeated."""

    def voice_logs(
        self,
        *,
        created_after: str | date | None = None,
        created_before: str | date | None = None,
        created_on: str | date | None = None,
        include_deleted: bool | None = None,
        page_size: int | None = None,
    ) -> VoiceLogs:
        """Give the voice logs that match, newest first; pages are fetched as one iterates."""
        given = {
            "created_after": created_after,
            "created_before": created_before,
            "created_on": created_on,
            "include_deleted": include_deleted,
            "page_size": page_size,
        }
        client = cast("Client", self)
        client.check_open("voice_logs")
        try:
            query = query_of(**given)
        except InvalidCommand as error:
            client.refuse("voice_logs", given, None, error)
            raise
        return VoiceLogs(client, query)

    def voice_log(self, call_id: str, *, unchecked: bool = False) -> Reply:
        """Read one call's entry in the voice logs: status, durations and charge lines.

        The log takes it in, as `sync` does.
        """
        client, call_id = cast("Client", self), hidden_id(call_id)
        reply = client.read(reading_of_call(client, "voice_log", call_id, unchecked=unchecked))
        exchange = reply.exchange
        # What was replayed is no news, and a log that cannot be written has warned of that.
        if exchange.space != "replayed" and isinstance(exchange.response, dict):
            with suppress(LogError):
                client.log.synced.append(Page([exchange.response], exchange.space, now()))
        return reply

    def voice_log_events(self, call_id: str, *, unchecked: bool = False) -> list[dict[str, Any]]:
        """Read the events of one call's voice log, as the platform orders them.

        In a dry run there are none.
        """
        client, call_id = cast("Client", self), hidden_id(call_id)
        request = reading_of_call(client, EVENTS, call_id, "/events", unchecked=unchecked)
        return list(entries(client.read(request)))
