"""`Callbacks`: the receiver of status callbacks, as people hold it in their hands; `sw.callbacks()`."""

from __future__ import annotations

import secrets
import socket
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import requests

from swnb import html
from swnb.errors import ConfigurationError
from swnb.events.callbacks.places import checked_url, listening_on
from swnb.events.callbacks.receiver import CHECK, Receiver
from swnb.events.hub import hub_of
from swnb.exchange import CALLBACKS
from swnb.hidden import HiddenText, Secrets
from swnb.session.session import Session
from swnb.visible import visible

if TYPE_CHECKING:
    from swnb.commands.base import Command

_REACH = 10.0  # seconds to find oneself
_LOOPBACK = "127.0.0.1"
_STATES = ("created", "ringing", "answered", "ended")
# Webhooks that a cell may point here by `url()`; commands name those of their own.
PURPOSES = ("sidecar", "live_transcribe", "live_translate", "post_prompt", "status")


class Callbacks:
    """The receiver of status callbacks of a client; `sw.callbacks()` makes it.

    While it is open, commands that take a `status_url` get one by themselves, unless one is given or
    `status_url=None` asks for none. Logs, recordings and cards hold `swnb:callbacks` in its place.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._hub = hub_of(session)
        self._base: HiddenText | None = None
        self._secret = secrets.token_hex(16)
        self._receiver: Receiver | None = None
        self._listening: socket.socket | None = None
        self._reached = "not looked for"
        self._port = 0
        self._closed = False

    @property
    def state(self) -> str:
        """`open`, `closed`, `replayed` or `dry run`."""
        if self._closed or (self._receiver is not None and self._hub.forked):  # its parent's, then
            return "closed"
        if self._receiver is None:
            return "dry run" if self._session.dry_run else "replayed"
        return "open"

    @property
    def counts(self) -> dict[str, int]:
        """How many callbacks were accepted, repeated, refused, unsigned, not written."""
        counts = self._receiver.counts if self._receiver else {}
        return {name: count for name, count in counts.items() if count}

    @property
    def port(self) -> int:
        """The port on this machine; 0 where nothing is opened."""
        return self._port

    @property
    def reachable(self) -> bool:
        """Whether the public URL was seen to lead here."""
        return self._reached == "reachable"

    def url(self, purpose: str) -> str:
        """Return a URL for a webhook that a command does not get by itself. It is a secret.

        Parameters
        ----------
        purpose : {"sidecar", "live_transcribe", "live_translate", "post_prompt", "status"}
            What is posted to it.

        Raises
        ------
        ConfigurationError
            If there is no such purpose.

        Examples
        --------
        >>> hooks.url("sidecar")

        """
        if purpose not in PURPOSES:
            known = ", ".join(PURPOSES)
            raise ConfigurationError(f"callbacks.url: there is no purpose {purpose!r}; use {known}")
        return self._url_of(purpose)

    def _url_of(self, purpose: str) -> str:
        if self._base is None:
            return CALLBACKS
        return f"{self._base.reveal()}/{self._secret}/{purpose}"

    def fill(self, command: Command) -> Command:
        """Return a command with a status URL, if it takes one and says nothing of it.

        Parameters
        ----------
        command : Command
            The command.

        """
        fields = type(command).parameters()
        if (
            self.state == "closed"
            or "status_url" not in fields
            or "status_url" in command.model_fields_set
        ):
            return command
        more: dict[str, Any] = {"status_url": self._url_of(command.method())}
        if "status_events" in fields and "status_events" not in command.model_fields_set:
            more["status_events"] = list(_STATES)
        return command.with_params(more)

    def shown(self, value: Any) -> Any:
        """Return a JSON value with the placeholder in place of every URL of this receiver.

        Parameters
        ----------
        value : JSON value
            What is to be logged.

        """
        if isinstance(value, str):
            return CALLBACKS if self._secret in value else value
        if isinstance(value, Mapping):
            return {name: self.shown(item) for name, item in value.items()}
        return [self.shown(item) for item in value] if isinstance(value, list) else value

    def open(
        self,
        public_url: str | None,
        port: int | None,
        bind: str,
        *,
        signing_key: str | None,
        require_signature: bool,
    ) -> None:
        """Begin to receive, unless the client sends nothing anyway.

        Parameters
        ----------
        public_url, port, bind, signing_key, require_signature
            As for `sw.callbacks`.

        """
        session = self._session
        session.webhooks = self
        if session.dry_run or session.space == "replayed":
            return
        public = checked_url(public_url, session, port)
        listening = self._listening = listening_on(bind, port or 0)
        self._port = int(listening.getsockname()[1])
        self._base = HiddenText(public or f"http://{_LOOPBACK}:{self._port}")
        session.secrets = Secrets([*session.secrets, self._secret])
        self._receiver = Receiver(
            self._hub,
            self._secret,
            url_of=self._url_of,
            space=session.transport.space,
            signing_key=signing_key,
            require_signature=require_signature,
        )
        self._hub.run(self._receiver.serve, listening)
        self._reached = self._look_for_itself()
        self._say(f"callbacks on {bind}:{self._port}; the public URL is {self._reached}")

    def _look_for_itself(self) -> str:
        nonce = secrets.token_hex(8)
        try:
            answer = requests.get(
                self._url_of(CHECK), {"nonce": nonce}, timeout=_REACH, allow_redirects=False
            )
        except requests.RequestException as error:
            return f"not reachable: {type(error).__name__}"
        if answer.text == nonce:
            return "reachable"
        if answer.is_redirect:
            return f"not reachable: it answers with a redirect (HTTP {answer.status_code})"
        kind = answer.headers.get("content-type", "nothing")
        return f"not reachable: something else answers there (HTTP {answer.status_code}, {kind})"

    def _say(self, line: str) -> None:
        print(visible(f"swnb: {line}"), file=sys.stderr, flush=True)  # noqa: T201 - for a person

    def close(self) -> None:
        """Stop receiving; commands get no status URL any more. Closing twice is harmless."""
        if self.state == "closed":
            return
        self._closed = True
        if self._receiver:
            self._hub.run(self._receiver.stop)
        if self._listening:  # nobody may have come to receive on it
            self._listening.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _facts(self) -> list[tuple[str, object]]:
        where = f"127.0.0.1:{self._port}" if self._port else None
        counts = [(name, f"{count:,}") for name, count in self.counts.items()]
        reached = self._reached if self._receiver else None
        return [("on", where), ("public URL", reached), *counts]

    def __repr__(self) -> str:
        facts = [f"{name} {value}" for name, value in self._facts() if value]
        return visible(f"<swnb.Callbacks {' · '.join([self.state, *facts])}>")

    def _repr_html_(self) -> str:
        tone: html.Tone = "good" if self.state == "open" and self.reachable else "wait"
        tone = "quiet" if self.state != "open" else tone
        return html.card(
            "swnb.Callbacks", html.badge(self.state, tone), [html.facts(self._facts())]
        )


class _Open:
    """The receiver of a session that is open now; it is closed with the client."""

    hooks: Callbacks | None = None

    def close(self) -> None:
        """Close it."""
        if self.hooks is not None:
            self.hooks.close()


def receiver_of(hooks: Callbacks) -> Receiver | None:
    """Return what receives; None where nothing is opened."""
    return hooks._receiver  # noqa: SLF001 - the class is defined here


def receives(session: Session) -> bool:
    """Return whether a session receives callbacks now."""
    hooks = session.companion(_Open, _Open).hooks
    return hooks is not None and hooks.state == "open"


def callbacks(  # noqa: D417 - the client binds the session
    session: Session,
    public_url: str | None = None,
    *,
    port: int | None = None,
    signing_key: str | None = None,
    require_signature: bool = False,
    bind: str = _LOOPBACK,
) -> Callbacks:
    """Receive status callbacks on this machine; twice gives the same receiver.

    It listens on loopback, under a path that cannot be guessed. The platform reaches it through a
    tunnel of yours, whose public URL it fetches once to see that it leads here. A simulated space
    posts to loopback itself. Each callback is in the log before it is answered.

    Parameters
    ----------
    public_url : str, optional
        The https URL of the tunnel; a simulated space needs none.
    port : int, optional
        The port to listen on, 1 to 65535; by default a free one.
    signing_key : str, optional
        The project's signing key: signatures that are sent are checked with it.
    require_signature : bool, default False
        Refuse what is not signed; whether status callbacks of calls are signed, no source tells.
    bind : str, default "127.0.0.1"
        The address to listen on; another than loopback can be reached by other machines.

    Returns
    -------
    Callbacks

    Raises
    ------
    ConfigurationError
        If a live client has no public URL (it shows how to open a tunnel), or an option is malformed.
    SwnbError
        If the port is taken.

    Examples
    --------
    >>> hooks = sw.callbacks()

    """
    session.check_open("callbacks")
    key = HiddenText(signing_key) if signing_key else None
    signing_key = None  # a traceback shows the arguments of a frame
    if require_signature and key is None:
        raise ConfigurationError("callbacks: require_signature needs a signing_key to check with")
    hub_of(session)
    held = session.companion(_Open, _Open)
    if held.hooks is not None and held.hooks.state != "closed":
        return held.hooks
    hooks = held.hooks = Callbacks(session)
    try:
        hooks.open(
            public_url,
            port,
            bind,
            signing_key=key.reveal() if key else None,
            require_signature=require_signature,
        )
    except BaseException:  # also an interrupt: what is half open must give no command a URL
        hooks.close()
        raise
    return hooks
