"""What an interrupt says: what was going on, what may be up now, how to look and how to end it.

An interrupt stays the very `KeyboardInterrupt` that Python raised. pytest and the shell look for
one, and a script that is ended by a class of its own does not die of SIGINT, so that the loop
around it continues. The message is put into it: IPython shows that as one block, and plain
Python below its traceback.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from swnb.commands import Command

if TYPE_CHECKING:
    from swnb.exchange import Exchange


def tell(stop: KeyboardInterrupt, message: str, *lines: str) -> None:
    """Put a message into an interrupt; the last caller knows the most."""
    stop.args = (message,)
    block = [f"KeyboardInterrupt: {message}", *(f"  {line}" for line in lines)]
    vars(stop).update(__notes__=list(lines), _render_traceback_=partial(list, block))


def tell_of(stop: KeyboardInterrupt, exchange: Exchange) -> None:
    """Tell in an interrupt which request may be under way."""
    model = Command.of_wire(exchange.command)
    if exchange.space == "replayed":
        tell(stop, f"{exchange.command} was interrupted; this is a replay, and nothing was sent")
    elif model is None:
        message = f"{exchange.command} was interrupted; it only reads, so try again"
        tell(stop, message, *(of_call(exchange.call_id) if exchange.call_id else ()))
    else:
        message = f"{exchange.command} was interrupted; it may have been carried out"
        lines = _on_call(model, exchange) if exchange.call_id else _dialed(exchange)
        tell(stop, message, *lines)


@contextmanager
def telling(message: str, *lines: str, if_new: bool = False) -> Iterator[None]:
    """Put a message into an interrupt of this block; with `if_new` only if it has none yet."""
    try:
        yield
    except KeyboardInterrupt as stop:
        if not (if_new and stop.args):
            tell(stop, message, *lines)
        raise


ANY_CALL = 'Calls may still be up. List them: sw.log.calls()  End one: sw.call("<its id>").end()'


def of_call(call_id: str, more: str = "") -> tuple[str, str]:
    """Return lines that say that a call may be up, and how to check and to end it."""
    return (
        f"Call {call_id} may be up{more}.",
        f'Check: sw.call("{call_id}").refresh()  End it: sw.call("{call_id}").end()',
    )


def _on_call(model: type[Command], exchange: Exchange) -> tuple[str, ...]:
    call_id, control_id = str(exchange.call_id), exchange.control_id
    if not model.starts or control_id is None:
        return of_call(call_id)
    up, check = of_call(call_id, f", and {control_id} may run on it")
    return (
        up,
        f'Stop that: sw.call("{call_id}").{model.starts}_stop(control_id="{control_id}")',
        check,
    )


def _dialed(exchange: Exchange) -> tuple[str, ...]:
    since = datetime.fromtimestamp(exchange.sent_at // 1_000_000, UTC)
    to = f" to {exchange.to}" if exchange.to else ""  # else a script names it
    return (
        f"A call{to} from {exchange.from_} may be up; its id is not known.",
        f'Find it: list(sw.voice_logs(created_after="{since:%Y-%m-%dT%H:%M:%SZ}"))',
        'End it: sw.call("<its id>").end()',
    )
