"""The past of a simulated space: calls that are over, spread as those of a small business are.

Everything is drawn from a seed: one seed, count and rate card give the same calls again. More calls
come on working days, in office hours and in later months; most last a minute or two and a few very
long; some are never answered. Every number is one that its country keeps for films and examples, and
abroad the rate card's price is multiplied, as carriers do. Nothing here is anybody's real traffic.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple, TypeVar

from swnb.simulator.calls import Call, Direction, Moment, Status
from swnb.simulator.rates import RateCard, meters

W = TypeVar("W", "_Country", "_Kind")
_MS = timedelta(milliseconds=1)
_OWN = ("+12065550111", "+12065550112", "+12125550140", "+442079460110")
_SIP = ("sip:desk@example.com", "sip:support@example.com", "sip:sales@example.net")
_WEBRTC = ("client:alice", "client:bob", "verto:kiosk@example.com")
_FABRIC = ("/private/alice", "/public/support", "/private/desk")
_HOURS = (1, 1, 1, 1, 1, 2, 4, 9, 22, 40, 46, 44, 32, 40, 44, 42, 36, 26, 14, 8, 5, 4, 2, 1)
_WEEKEND = 0.3
_GROWTH = 0.004  # a day: an eighth a month
_LONGEST = timedelta(hours=4)


class _Country(NamedTuple):
    """How often a country is called, how many times the home price it costs, and its numbers."""

    weight: int
    price: int
    numbers: Sequence[str]


class _Kind(NamedTuple):
    """A kind of voice log: how often, the rate card's name for its medium, its source."""

    type: str
    weight: int
    medium: str
    source: str = "realtime_api"


class _Tariff(NamedTuple):
    """What a leg costs: an item of a rate card, so many times its price."""

    card: RateCard
    item: str
    price: int


_COUNTRIES = (
    _Country(60, 1, [f"+1{area}55501{n:02}" for area in (212, 312, 415, 713) for n in range(100)]),
    _Country(9, 1, [f"+1{area}55501{n:02}" for area in (416, 604) for n in range(100)]),
    _Country(13, 2, [f"+44207946{n:04}" for n in range(0, 1000, 5)]),
    _Country(8, 3, [f"+493023125{n:03}" for n in range(0, 1000, 7)]),
    _Country(6, 3, [f"+33199001{n:03}" for n in range(0, 1000, 9)]),
    _Country(4, 5, [f"+6125550{n:04}" for n in range(0, 1000, 11)]),
)
_KINDS = (
    _Kind("relay_pstn_call", 60, "pstn"),
    _Kind("laml_call", 12, "pstn", "laml"),
    _Kind("relay_sip_call", 10, "sip"),
    _Kind("relay_webrtc_call", 6, "webrtc"),
    _Kind("fabric_subscriber_device_leg", 6, "fabric"),
    _Kind("video_room_pstn_leg", 2, "pstn"),
    _Kind("video_room_sip_leg", 2, "sip"),
    _Kind("dialogflow_call", 2, "pstn", "dialogflow"),
)
_OUTCOMES: dict[str, tuple[Sequence[Status], Sequence[int]]] = {
    "inbound": (("completed", "ended", "no-answer", "canceled"), (55, 33, 8, 4)),
    "outbound": (
        ("completed", "ended", "no-answer", "busy", "failed", "canceled"),
        (40, 27, 14, 8, 6, 5),
    ),
}
# What may be used during a call: how often, and for which part of it.
_EXTRAS = (
    ("record", 0.18, 1.0),
    ("tts", 0.22, 1.0),
    ("ai", 0.10, 0.8),
    ("transcribe", 0.06, 1.0),
    ("stream", 0.03, 0.9),
    ("detect", 0.05, 1.0),
)
_ADDRESSES = {"sip": _SIP, "webrtc": _WEBRTC, "fabric": _FABRIC}
_DELETED = 0.01
_VERY_LONG = 0.002


def history(count: int, days: int, moment: Moment, seed: int, ids: Sequence[str]) -> list[Call]:
    """Return calls of the days before today, oldest first, at the prices that hold now."""
    draw = random.Random(f"{seed}/history")  # noqa: S311 - a simulation, to be repeated
    times = _times(draw, count, days, moment.now)
    return [
        _past_call(draw, number, at, moment.card, key)
        for number, (at, key) in enumerate(zip(times, ids, strict=True))
    ]


def _times(draw: random.Random, count: int, days: int, until: datetime) -> list[datetime]:
    last = until.replace(hour=0, minute=0, second=0, microsecond=0)
    dates = [last - timedelta(days=back) for back in range(days, 0, -1)]
    busy = [
        (1 + _GROWTH) ** place * (_WEEKEND if at.weekday() in (5, 6) else 1)
        for place, at in enumerate(dates)
    ]
    chosen = draw.choices(dates, cum_weights=list(accumulate(busy)), k=count)
    hours = draw.choices(range(24), cum_weights=list(accumulate(_HOURS)), k=count)
    # Some fall on a whole second, which is written without a fraction.
    return sorted(
        day + timedelta(hours=hour, milliseconds=draw.randrange(3_600_000) // 10 * 10)
        for day, hour in zip(chosen, hours, strict=True)
    )


def _past_call(draw: random.Random, number: int, at: datetime, card: RateCard, key: str) -> Call:
    kind = _weighted(draw, _KINDS)
    inbound = kind.type == "dialogflow_call" or draw.random() < 0.4  # noqa: PLR2004 - of all calls
    own, country = draw.choice(_OWN), _weighted(draw, _COUNTRIES)
    other = _address(draw, kind.medium, country)
    from_, to = (other, own) if inbound else (own, other)
    direction: Direction = "inbound" if inbound else "outbound-api"
    call = Call(key, number, from_, to, direction, at)
    call.particulars = {"type": kind.type, "source": kind.source}
    if kind.type == "laml_call":
        call.particulars["url"] = f"https://example.com/laml/{number % 4 + 1}"
        call.particulars["direction"] = "inbound" if inbound else "outbound-dial"
    side = "inbound" if inbound else "outbound"
    status: Status = "completed"  # of those that are only noted when they are taken
    if kind.medium != "fabric" and kind.type != "dialogflow_call":
        status = draw.choices(*_OUTCOMES[side])[0]
    abroad = country.price if kind.medium == "pstn" and not inbound else 1
    _live(call, draw, status, _Tariff(card, f"{kind.medium}_{side}", abroad))
    if draw.random() < _DELETED and call.ended_at:
        call.discarded_at = call.ended_at + timedelta(days=1)
    return call


def _live(call: Call, draw: random.Random, status: Status, tariff: _Tariff) -> None:
    """Let a call ring, and last, and be billed, if it is one that was answered."""
    at = call.created_at
    call.note(at, "calling_call_created", {})
    at += timedelta(milliseconds=draw.randrange(2_000, 25_000, 10))
    if status in ("completed", "ended"):
        call.become("answered", at)
        minutes = draw.lognormvariate(0.5, 1.0) * (40 if draw.random() < _VERY_LONG else 1)
        lasted = min(timedelta(milliseconds=1 + round(minutes * 60_000)), _LONGEST)
        call.billed_ms = tariff.card.billed_ms(lasted // _MS)
        _charge(call, tariff.item, call.billed_ms, tariff.card, tariff.price)
        for item, share, amount in _EXTRAS:
            if draw.random() < share:
                _charge(call, item, _used(draw, item, lasted * amount, tariff.card), tariff.card)
        at += lasted
    call.become(status, at)


def _used(draw: random.Random, item: str, time: timedelta, card: RateCard) -> int:
    """Return how much of an item is billed: a time, characters, or one use."""
    unit = meters()[item].unit
    if unit == "minute":
        return card.billed_ms(time // _MS)
    return draw.randrange(40, 900) if unit == "character" else 1


def _charge(call: Call, item: str, amount: int, card: RateCard, price: int = 1) -> None:
    nano = card.charge(item, amount) * price
    if nano:
        call.spent[meters()[item].label] = nano


def _address(draw: random.Random, medium: str, country: _Country) -> str:
    return draw.choice(_ADDRESSES.get(medium, country.numbers))


def _weighted(draw: random.Random, among: Sequence[W]) -> W:
    return draw.choices(among, [entry.weight for entry in among])[0]
