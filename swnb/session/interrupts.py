"""What an interrupt says: what was going on, what may be up now, how to look and how to end it.

An interrupt stays the very `KeyboardInterrupt` that Python raised. pytest and the shell look for
one, and a script that is ended by a class of its own does not die of SIGINT, so that the loop
around it goes on. What is to be said is put into it: IPython shows that as one block, and plain
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
    """Put into an interrupt what was going on; who tells last has seen the most."""
    stop.args = (message,)
    block = [f"KeyboardInterrupt: {message}", *(f"  {line}" for line in lines)]
    vars(stop).update(__notes__=list(lines), _render_traceback_=partial(list, block))


def tell_of(stop: KeyboardInterrupt, exchange: Exchange) -> None:
    """Tell of a request that may be under way."""
    model = Command.catalogue.get(exchange.command)
    if exchange.space == "replayed":
        tell(stop, f"{exchange.command} was interrupted; it is a replay, and nothing was sent")
    elif model is None:
        said = f"{exchange.command} was interrupted; it only reads, so ask again"
        tell(stop, said, *(of_call(exchange.call_id) if exchange.call_id else ()))
    else:
        said = f"{exchange.command} was interrupted; it may have been carried out"
        tell(stop, said, *(_on_call(model, exchange) if exchange.call_id else _dialled(exchange)))


@contextmanager
def telling(message: str, *lines: str, if_new: bool = False) -> Iterator[None]:
    """Tell of an interrupt of what is done within; `if_new` unless that was told already."""
    try:
        yield
    except KeyboardInterrupt as stop:
        if not (if_new and stop.args):
            tell(stop, message, *lines)
        raise


ANY_CALL = (
    'Calls that were up may still be up. Look: sw.log.calls()  End one: sw.call("<its id>").end()'
)


def of_call(call_id: str, more: str = "") -> tuple[str, str]:
    """Return that a call may be up, and how to look and to end it."""
    return (
        f"Call {call_id} may be up{more}.",
        f'Look: sw.call("{call_id}").refresh()  End it: sw.call("{call_id}").end()',
    )


def _on_call(model: type[Command], exchange: Exchange) -> tuple[str, ...]:
    call_id, control_id = str(exchange.call_id), exchange.control_id
    if not model.starts or control_id is None:
        return of_call(call_id)
    up, look = of_call(call_id, f", and {control_id} may run on it")
    return (
        up,
        f'Stop that: sw.call("{call_id}").{model.starts}_stop(control_id="{control_id}")',
        look,
    )


def _dialled(exchange: Exchange) -> tuple[str, ...]:
    since = datetime.fromtimestamp(exchange.sent_at // 1_000_000, UTC)
    to = f" to {exchange.to}" if exchange.to else ""  # else a script was to name it
    return (
        f"A call{to} from {exchange.from_} may be up; its id is not known.",
        f'Look: list(sw.voice_logs(created_after="{since:%Y-%m-%dT%H:%M:%SZ}"))',
        'End it: sw.call("<its id>").end()',
    )
