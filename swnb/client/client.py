"""`Client`: what one can do with a space, as a list.

The work is done in the rooms below, by functions of a `Session`; here they are bound. What loads
widgets or pandas is imported where it is used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn, Self, SupportsIndex

from swnb import commands as c
from swnb.client.binding import bound, dialing
from swnb.client.call import Call, call_by_id
from swnb.client.opening import opened
from swnb.events.callbacks.hooks import callbacks
from swnb.events.ending import end_all, tell_open_calls
from swnb.events.listen import listen
from swnb.events.voice_logs import reconcile
from swnb.events.waiting.operations import Operation
from swnb.events.waiting.recorded import hear_as_recorded
from swnb.exchange import DEFAULT_LOG
from swnb.hidden import REDACTED, HiddenDict, sealed
from swnb.log import Log
from swnb.redact import declare_secret
from swnb.runs.run import begin
from swnb.session.answers.replies import Reply
from swnb.session.budget import Budget, budget_of
from swnb.session.calling import CallId, Calling, nearest
from swnb.session.credentials import hidden_id, secret_names
from swnb.session.sending.body import send_body
from swnb.session.session import Face, Session
from swnb.session.voice_logs.readings import voice_log, voice_log_events, voice_logs
from swnb.session.voice_logs.sync import sync
from swnb.transports.live import CONNECT_TIMEOUT, DEADLINE, READ_TIMEOUT, RETRIES

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.commands.names import CommandName
    from swnb.errors import SwnbError
    from swnb.exchange import Transport
    from swnb.notebook.forms.form import Form
    from swnb.notebook.panels.console import Console
    from swnb.notebook.panels.explorer import Explorer


class Client(Face):
    """A client of one SignalWire space, with its log.

    Parameters
    ----------
    project, token, host : str, optional
        The credentials; without them those of SIGNALWIRE_PROJECT_ID, SIGNALWIRE_API_TOKEN and
        SIGNALWIRE_SPACE. `host` is a bare host name such as ``"example.signalwire.com"``.
    log : str, path or Log, default "swnb-log.sqlite"
        Where exchanges are kept; ``":memory:"`` writes nothing to disk.
    timeout : float or (float, float), default (5.0, 30.0)
        Seconds to connect, and to wait for an answer: for each step.
    deadline : float, default 120.0
        Seconds for a whole exchange, its repetitions and waits included.
    retries : int, default 2
        How often a request may be repeated if that is safe.
    run : str, optional
        The name of this client's run in the log.
    dry_run : bool, default False
        Validate, log and show everything, and send nothing.
    budget : float or Budget, optional
        What the run may cost, in US dollars: a `dial` that could exceed it is refused.
    secret_fields : iterable of str, optional
        Names of further fields whose values are never kept or shown, in this process and in replays
        of what it recorded; docs/security.md lists those that are known.

    Raises
    ------
    ConfigurationError
        If a credential is missing, or the host, an option, or a proxy or CA bundle of the
        environment is malformed.
    LogError
        If the log file is damaged.

    Attributes
    ----------
    calling : Calling
        The wire level: every command with the names and keywords of the platform's own SDKs.

    Examples
    --------
    >>> sw = swnb.Client()
    >>> call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")

    """

    dial = dialing(c.Dial)
    call = bound(call_by_id)
    voice_logs = bound(voice_logs)
    voice_log = bound(voice_log)
    voice_log_events = bound(voice_log_events)
    sync = bound(sync)
    reconcile = bound(reconcile)
    send = bound(send_body)
    run = bound(begin)
    listen = bound(listen)
    callbacks = bound(callbacks)
    end_all = bound(end_all)

    def __init__(
        self,
        project: str | None = None,
        token: str | None = None,
        host: str | None = None,
        *,
        log: str | PathLike[str] | Log = DEFAULT_LOG,
        timeout: float | tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        deadline: float = DEADLINE,
        retries: int = RETRIES,
        run: str | None = None,
        dry_run: bool = False,
        budget: float | Budget | None = None,
        secret_fields: Iterable[str] = (),
    ) -> None:
        credentials = HiddenDict(project=project, token=token, host=host)
        project = token = host = REDACTED  # a traceback shows the arguments of a frame
        with sealed():
            declare_secret(secret_names(secret_fields))
            options = {"timeout": timeout, "deadline": deadline, "retries": retries}
            self._hold(opened(credentials, options, log, run, dry_run=dry_run, budget=budget))

    @classmethod
    def from_transport(cls, transport: Transport, log: Log, *, dry_run: bool = False) -> Self:
        """Return a client over a transport that needs no credentials, such as a recording."""
        client = cls.__new__(cls)
        session = Session(transport, log, call_class=Call, reply_class=Operation, dry_run=dry_run)
        client._hold(session)  # noqa: SLF001 - a constructor
        return client

    def _hold(self, session: Session) -> None:
        self._session = session
        self.calling = Calling(session)
        if session.space == "replayed":
            hear_as_recorded(session)
        if "IPython" in sys.modules:  # Tab in its shell then knows the values of the catalogue
            from swnb.notebook.magics.strings import load_where_it_runs  # noqa: PLC0415

            load_where_it_runs()

    @property
    def log(self) -> Log:
        """The log: every exchange and how it ended, as frames."""
        return self._session.log

    @property
    def project(self) -> str:
        """The id of the project; empty in a replay."""
        return self._session.project

    @property
    def host(self) -> str:
        """The space's host."""
        return self._session.host

    @property
    def space(self) -> str:
        """What kind of space it is: live, simulated or replayed."""
        return self._session.space

    @property
    def dry_run(self) -> bool:
        """Whether everything is validated and logged and nothing is sent."""
        return self._session.dry_run

    @dry_run.setter
    def dry_run(self, rehearse: bool) -> None:
        self._session.dry_run = rehearse

    @property
    def budget(self) -> Budget | None:
        """What the run may cost, None without a limit."""
        return self._session.budget

    @budget.setter
    def budget(self, limit: float | Budget | None) -> None:
        self._session.budget = budget_of(limit)

    @property
    def last(self) -> Reply | None:
        """The latest reply of this client, None before the first."""
        return self._session.sender.last

    @property
    def last_error(self) -> SwnbError | None:
        """Why its latest command that failed was refused, rejected or not answered; None if none did."""
        return self._session.sender.last_error

    @property
    def recording(self) -> str | None:
        """The recording or the run that it answers from, None if it does not replay."""
        return self._session.routing.recording

    def command(
        self, model: type[Command], params: Mapping[str, Any], call_id: CallId | None = None
    ) -> Reply:
        """Send a command that is given as its model, as tools that build on swnb do.

        Parameters
        ----------
        model : type of Command
            One of `swnb.COMMANDS`.
        params : mapping
            The parameters by name.
        call_id : str, Call or Reply, optional
            The call that the command acts on.

        Raises
        ------
        InvalidCommand
            Before anything is sent, with every problem.
        SendError
            If the platform rejected it, or did not answer.

        Examples
        --------
        >>> sw.command(swnb.COMMANDS["end"], {"reason": "busy"}, call)

        """
        call_id, params = hidden_id(call_id), HiddenDict(params)
        return self._session.command(model, params, call_id)

    def form(self, command: CommandName | str | None = None, call: CallId | None = None) -> Form:
        """Open a widget form for a command, or a picker of all 42; only its Send button sends.

        In a terminal it prints its fields, and the line of Python that sends.

        Parameters
        ----------
        command : str, optional
            A method name (``"play"``) or a wire name (``"calling.play"``).
        call : Call, Reply or str, optional
            The call to fill in.

        Raises
        ------
        UnknownCommand
            If there is no such command; the message names the closest.

        Examples
        --------
        >>> sw.form("user_event", call)

        """
        from swnb.notebook.opening import open_form  # noqa: PLC0415 - loads ipywidgets

        form: Form = open_form(self._session, command, call)
        return form

    def console(self) -> Console:
        """Open the console: calls, the selected call's timeline and form, running totals.

        In a terminal it prints the newest calls as a table.
        """
        from swnb.notebook.opening import open_console  # noqa: PLC0415 - loads ipywidgets

        console: Console = open_console(self._session)
        return console

    def costs(self) -> Explorer:
        """Open an explorer of what the calls in the log cost: filters, a chart and its table."""
        from swnb.notebook.panels.explorer import Explorer  # noqa: PLC0415 - loads ipywidgets

        return Explorer(self.log.tables)

    def close(self) -> None:
        """Close the connections and the log; names the calls that this client dialed and left up."""
        tell_open_calls(self._session)
        self._session.close()

    if not TYPE_CHECKING:  # type checkers know every name from the class

        def __getattr__(self, name: str) -> Any:
            """Raise `AttributeError` that says where a command is, or the nearest name."""
            if name in c.COMMANDS:
                raise AttributeError(
                    f"{name} acts on a call: call.{name}(…), or sw.calling.{name}(call_id, …)"
                )
            if name.startswith("_"):
                raise AttributeError(name)
            raise AttributeError(nearest(name, dir(self)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        self._session.__reduce_ex__(protocol)

    def __repr__(self) -> str:
        if "_session" not in vars(self):
            return f"<swnb.{type(self).__name__}, not initialized>"
        return repr(self._session)

    def _repr_html_(self) -> str:
        from swnb.cards import client_card  # noqa: PLC0415 - cards are made only where they show

        if "_session" not in vars(self):
            return client_card(repr(self), "unusable", {}, dry_run=False)
        return self._session._repr_html_()
