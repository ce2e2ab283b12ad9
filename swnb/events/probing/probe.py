"""A probe: listen, dial twice, ask, end everything, and report."""

from __future__ import annotations

import time
from collections.abc import Callable

from swnb.errors import SwnbError
from swnb.events.callbacks.hooks import Callbacks, callbacks, receiver_of
from swnb.events.inbox import Inbox, listener_of
from swnb.events.listen import listen
from swnb.events.probing.calls import Probing
from swnb.events.probing.dialed import ask_dialed
from swnb.events.probing.owned import ask_owned
from swnb.events.probing.pace import Pace
from swnb.events.probing.plan import Plan
from swnb.events.probing.report import Report
from swnb.events.probing.watching import Frames, Posts
from swnb.session.session import Session


def probe(session: Session, plan: Plan, pace: Pace, say: Callable[[str], None]) -> Report:
    """Ask the seven questions, and return what was found; it dials.

    Parameters
    ----------
    session : Session
        The session of a client.
    plan : Plan
        What is dialed and asked; whoever calls this has asked for consent.
    pace : Pace
        Real or virtual time.
    say : callable
        Called with each line that a person should see.

    Raises
    ------
    SwnbError
        If the platform refuses to let it listen.

    """
    plan.check()
    frames, posts = Frames(pace.now), Posts(time.monotonic)
    with listen(session, [plan.context] if plan.context else []) as inbox:
        listener = listener_of(inbox)
        if listener is None:
            raise SwnbError("probe: a dry run and a replay have nothing to ask")
        listener.watch = frames.hear
        # The first call is asked without callbacks, so that none of them is taken for RELAY's.
        probing = Probing(session, inbox, plan, pace, frames, posts, say, None)
        ask_owned(probing)
        hooks = _hooks(probing)
        try:
            ask_dialed(probing)
        finally:
            if hooks:
                hooks.close()
        _settle(inbox)
    return Report(session, plan, probing.findings)


def _hooks(probing: Probing) -> Callbacks | None:
    """Receive callbacks, where the platform can reach this machine."""
    plan, session = probing.plan, probing.session
    if plan.public_url is None and session.transport.space == "live":
        probing.no_callbacks = "no public URL was given: --public-url"
        return None
    hooks = callbacks(session, plan.public_url, port=plan.port)
    receiver = receiver_of(hooks)
    if receiver:
        receiver.watch = probing.posts.take
    if not hooks.reachable:
        probing.no_callbacks = "the public URL does not lead to this machine"
    return hooks


def _settle(inbox: Inbox) -> None:
    """Let the listener forget who watches it."""
    listener = listener_of(inbox)
    if listener:
        listener.watch = lambda _frame_id, _params: None
