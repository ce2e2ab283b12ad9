"""What a log has heard and what a test expects of it: events beside exchanges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from swnb.event import Event
from swnb.log.hearing.rows import hear, heard_after
from swnb.log.reading.readable import ReadableLog

if TYPE_CHECKING:
    from pandas import DataFrame

    from swnb.log.hearing.expectations import Heard
    from swnb.log.reading.expectations import Sent
    from swnb.log.timeline.timeline import Timeline


class HearingLog(ReadableLog):
    """A log that hears, and answers what was sent and heard."""

    def hear(self, events: Sequence[Event]) -> list[bool]:
        """Write what was heard, in one transaction; it is durable on return.

        Sets the id of each event, and its run if it has none.

        Parameters
        ----------
        events : sequence of Event
            In the order in which they were heard.

        Returns
        -------
        list of bool
            For each whether its run did not have it yet; one that comes again is only counted.

        Raises
        ------
        LogError
            If the log cannot be written: the events must then not be acknowledged.

        """
        return hear(self._journal, events, self.run)

    def heard_after(
        self, key: int, *, run: str | None = None, call: str | None = None, most: int = 10_000
    ) -> list[Event]:
        """Return the events that were stored after the one with this id, in order.

        Parameters
        ----------
        key : int
            The id; 0 for the first.
        run : str, optional
            Only those of this run.
        call : str, optional
            Only those of the call with this id.
        most : int, default 10,000
            How many at most.

        Returns
        -------
        list of Event

        Raises
        ------
        LogError
            If the log cannot be read.

        """
        return heard_after(self._journal, key, run=run, call_id=call, most=most)

    def events(
        self, call: str | None = None, *, kind: str | None = None, run: str | None = None
    ) -> DataFrame:
        """Return what was sent and what was heard, in one frame, oldest first.

        Parameters
        ----------
        call : str, optional
            The id of a call, in whatever run; without it, this run.
        kind : str, optional
            Only these, such as `"user_event"`, `"state"`, `"play"` or `"gap"`.
        run : str, optional
            The run; the current one by default.

        Returns
        -------
        pandas.DataFrame
            The table "events()" of docs/log.md has the columns with dtypes and units. `direction` is
            `sent` or `heard`; times without connection are rows of kind `gap`.

        Raises
        ------
        LogError
            If the log cannot be read.

        Examples
        --------
        >>> sw.log.events(kind="user_event")[["direction", "body"]]

        """
        from swnb.log.hearing.frames import events_frame  # noqa: PLC0415 - loads pandas

        run = self.run if run is None and call is None else run
        return events_frame(self._journal, self._frames, run=run, call_id=call, kind=kind)

    def timeline(self, call: str) -> Timeline:
        """Return everything known of a call in order: a frame, a picture and a ladder.

        Parameters
        ----------
        call : str
            The id of the call.

        Returns
        -------
        Timeline
            `df` is the frame, whose columns are in the table "timeline()" of docs/log.md; `to_text()`,
            `to_mermaid()`, `chart()` and `save()` are for people without the tool.

        Raises
        ------
        LogError
            If the log cannot be read.

        Examples
        --------
        >>> sw.log.timeline(call.id)

        """
        from swnb.log.timeline.gathering import gathered  # noqa: PLC0415 - loads pandas
        from swnb.log.timeline.timeline import Timeline  # noqa: PLC0415 - as above

        return Timeline(*gathered(self._journal, self._frames, str(getattr(call, "id", call))))

    def sent(self, command: str, /, *, run: str | None = None, **params: Any) -> Sent:
        """Return the exchanges of a run that sent a command with at least these parameters.

        Exchanges that were refused or rehearsed, or never arrived, are left out.

        Parameters
        ----------
        command : str
            The command, such as `user_event`.
        run : str, optional
            The run; the current one by default.
        **params
            Parameters that must have been sent. Objects match if they contain these values, at any
            depth; lists and other values must be equal. `call` is the call, by its id.

        Returns
        -------
        Sent
            The exchanges, oldest first: `len()`, iteration, indices, and `df` as a frame.

        Raises
        ------
        UnknownCommand
            If there is no such command; the message names the closest one.
        InvalidCommand
            If the command has no such parameter; the message names the closest one.

        Examples
        --------
        >>> assert len(sw.log.sent("user_event", event={"action": "order.confirmed"})) == 1

        """
        from swnb.log.reading.expectations import matching  # noqa: PLC0415 - as in `source`

        return matching(self.source(run), run or self.run, command, params)

    def heard(self, kind: str, /, *, run: str | None = None, **facts: Any) -> Heard:
        """Return the events of a run that were heard with at least these facts.

        Parameters
        ----------
        kind : str
            What they are about: `user_event`, `state`, `play`, `collect` …
        run : str, optional
            The run; the current one by default.
        **facts
            `call`, `control_id`, `state`, `source`, `event` (of a user event), or a field of the
            event's body. Objects match if they contain these values, at any depth.

        Returns
        -------
        Heard
            The events in order: `len()`, iteration, indices, and `df` as a frame.

        Raises
        ------
        InvalidCommand
            If there is no such kind, or such events have no such field; the message names the closest.

        Examples
        --------
        >>> assert len(sw.log.heard("user_event", event={"action": "order.confirmed"})) == 1

        """
        from swnb.log.hearing.expectations import heard  # noqa: PLC0415 - as in `source`

        return heard(self._journal, run or self.run, kind, facts)
