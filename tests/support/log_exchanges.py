"""Exchanges as a client makes them, for the tests of the log."""

import random

from swnb.exchange import Exchange

EPOCH = 1_795_000_000_000_000
NUMBERS = ("+15550100", "+15550101", "sip:alice@example.com", None)
TEXTS = ("", "é\u2028\x00\x1f", '"quoted", and\nbroken', "=1+1", None)


def started(number=0, **fields):
    """An exchange that is about to leave, the `number`-th of its kind."""
    call_id = f"{number // 3:08}-0000-4000-8000-000000000000"
    command = fields.pop("command", "calling.user_event")
    body = {"command": command, "id": call_id, "params": {"event": {"n": number}}}
    given = {"call_id": call_id, "from_": "+15550100", "to": "+15550101", "request": body} | fields
    return Exchange(command, "simulated", EPOCH + number * 1_000_000, **given)


def accepted(exchange, **fields):
    """The same exchange, ended well."""
    given = {
        "outcome": "accepted",
        "http_status": 200,
        "call_status": "answered",
        "type": "relay_pstn_call",
        "direction": "outbound",
        "charge_nano": 8_000_000,
        "duration_ms": 1_500,
        "attempts": 1,
        "elapsed_us": 12_345,
        "request_id": f"req-{exchange.sent_at}",
        "response": {"id": exchange.call_id, "status": "answered"},
    }
    for name, value in (given | fields).items():
        setattr(exchange, name, value)
    return exchange


def any_end(exchange, chance=random):
    """The same exchange, ended in any way, with any field missing."""
    accepted(
        exchange,
        outcome=chance.choice(("accepted", "rejected", "failed", "unknown")),
        http_status=chance.choice((200, 422, None)),
        call_status=chance.choice(("answered", "ended", "ringing", None)),
        from_=chance.choice(NUMBERS),
        to=chance.choice(NUMBERS),
        charge_nano=chance.choice((0, 1, 123_456_789, None)),
        duration_ms=chance.choice((0, 90_000, None)),
        error_code=chance.choice(("a", "b", None)),
        error_message=chance.choice(TEXTS),
        elapsed_us=chance.choice((1, None)),
        request_id=chance.choice((exchange.request_id, None)),
    )
    return exchange


def logged(log, number=0, *, control_id=None, **fields):
    """Write one exchange, start and end, and give it."""
    exchange = started(number, control_id=control_id)
    log.start(exchange)
    log.finish(accepted(exchange, **fields))
    return exchange
