"""When two requests are the same, and how two JSON values differ.

Requests are compared without what differs between two runs of the same cells:

- a control id that swnb generated (`checkout.play-1`) equals any other of the same operation;
- a date and time in ISO 8601, anywhere in a string, equals any other, and so does a number in a
  field that is named like a time (`timestamp`, `sent_at`), and a bare date in a voice-log query;
- a UUID that is a whole string inside a nested object, such as an order number in an event.

Call ids are compared: a replay returns the recorded ones, so they match by themselves.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from swnb.exchange import CALLBACKS, UUID
from swnb.recordings.generated import operation_of
from swnb.redact import mask_spans
from swnb.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")
_TIME_NAME = re.compile(r"(.*_)?(at|ts|time|timestamp)(_ms|_us)?")
_EARLIEST = 1_000_000_000  # seconds since 1970: smaller numbers are durations or amounts
_text = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_INDEX = re.compile(r"\[[0-9]+\]")


class _Missing:
    """The placeholder for a value that only the other side has."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()
Difference = tuple[str, Any, Any]


def _without_callbacks(request: dict[str, Any]) -> dict[str, Any]:
    """Return a request without what a receiver of status callbacks added to it."""
    params = request.get("params")
    if not isinstance(params, dict) or params.get("status_url") != CALLBACKS:
        return request
    added = ("status_url", "status_events")
    kept = {name: item for name, item in params.items() if name not in added}
    return {**request, "params": kept}


def normalized(request: Any, *, mask: bool = False, ignore: Sequence[str] = ()) -> Any:
    """Return a redacted request without what differs from run to run.

    Parameters
    ----------
    request : JSON value
        The redacted request.
    mask : bool, default False
        Whether to mask everything that may be a phone number too, to match a masked recording,
        which does not say which numbers it masked.
    ignore : sequence of str
        Patterns of paths to leave out (see `covers`).

    Returns
    -------
    JSON value
        A copy, equal for equal requests.

    """
    if not isinstance(request, dict):
        return request
    request = _without_callbacks(request)
    normal = {
        name: _path(mask_spans(item) if mask else item)
        if name == "path" and isinstance(item, str)
        else {key: _parameter(key, value) for key, value in item.items()}
        if name == "params" and isinstance(item, dict)
        else item
        for name, item in request.items()
    }
    if mask:  # after times, which look like phone numbers, were replaced
        normal = mask_spans(normal)
    return without(normal, ignore) if ignore else normal


def with_equal_masks(masked: Any, other: Any) -> Any:
    """Return a copy of `other` with the values of `masked` that differ from its own only by a mask."""
    if isinstance(masked, dict) and isinstance(other, dict):
        names = {key if key in other else mask_spans(key): key for key in masked}
        copy = {}
        for key, item in other.items():
            name = names.get(key, names.get(mask_spans(key), key))
            copy[name] = with_equal_masks(masked[name], item) if name in masked else item
        return copy
    if isinstance(masked, list) and isinstance(other, list):
        more = other[len(masked) :]
        return [with_equal_masks(*pair) for pair in zip(masked, other, strict=False)] + more
    return masked if _is_masked_alike(masked, other) else other


def _is_masked_alike(first: Any, second: Any) -> bool:
    stars = any(isinstance(value, str) and "*" in value for value in (first, second))
    return stars and bool(mask_spans(first) == mask_spans(second))


def digest(command: str, request: Any) -> bytes:
    """Return a short key that equal commands with equal normalized requests share."""
    return blake2b(_text([command, _with_plain_numbers(request)]).encode(), digest_size=16).digest()


def _with_plain_numbers(value: Any) -> Any:
    """Return a copy of a JSON value with 1.0 as 1, so that equal numbers have one form."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _with_plain_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_plain_numbers(item) for item in value]
    return value


def timeless(value: str) -> str:
    """Return a string with `<time>` in the place of every date and time in it."""
    return TIME.sub("<time>", value) if "-" in value and ":" in value else value


def is_time(name: str, value: Any) -> bool:
    """Return whether a number is a point in time, judging by its field's name and its size."""
    return (
        isinstance(value, int | float) and value >= _EARLIEST and bool(_TIME_NAME.fullmatch(name))
    )


def _parameter(name: str, value: Any) -> Any:
    if name == "control_id" and isinstance(value, str):
        operation = operation_of(value)
        return f"{operation}-#" if operation else value
    if isinstance(value, str):
        return timeless(value)
    return _nested(name, value)


def _nested(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return "<uuid>" if UUID.fullmatch(value) else timeless(value)
    if isinstance(value, dict):
        return {key: _nested(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_nested(name, item) for item in value]
    return "<time>" if is_time(name, value) else value


def _path(path: str) -> str:
    head, mark, query = path.partition("?")
    if not mark:
        return path
    pairs = [
        (key, "<time>" if key.startswith("created_") else value)
        for key, value in parse_qsl(query, keep_blank_values=True)
    ]
    return f"{head}?{urlencode(pairs)}"


def covers(patterns: Sequence[str], path: str) -> bool:
    """Return whether a pattern covers a path such as `response.charge_details[0].charge`.

    A pattern is a path without list indices, in which `*` matches any part, or the last name of a
    path; it also covers everything below.
    """
    plain = _INDEX.sub("", path)
    return any(_compiled(pattern).fullmatch(plain) for pattern in patterns)


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = ".*".join(map(re.escape, _INDEX.sub("", pattern).split("*")))
    return re.compile(rf"(.*\.)?{parts}(\..*)?")


def without(value: Any, patterns: Sequence[str], path: str = "") -> Any:
    """Return a copy of a JSON value without the paths that the patterns cover."""
    if isinstance(value, dict):
        return {
            key: without(item, patterns, _join(path, key))
            for key, item in value.items()
            if not covers(patterns, _join(path, key))
        }
    if isinstance(value, list):
        return [without(item, patterns, path) for item in value]
    return value


def differences(one: Any, other: Any) -> Iterator[Difference]:
    """Yield (path, value here, value there) for each leaf in which two JSON values differ."""
    for path, here, there in leaves(one, other):
        same_kind = type(here) is type(there) or (is_number(here) and is_number(there))
        if here != there or not same_kind:
            yield path, here, there


def leaves(one: Any, other: Any, path: str = "") -> Iterator[Difference]:
    """Yield (path, value here, value there) for each leaf that either of two JSON values has."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in {**one, **other}:
            here, there = one.get(key, MISSING), other.get(key, MISSING)
            yield from leaves(here, there, _join(path, str(key)))
    elif isinstance(one, list) and isinstance(other, list):
        for place in range(max(len(one), len(other))):
            here, there = (side[place] if place < len(side) else MISSING for side in (one, other))
            yield from leaves(here, there, f"{path}[{place}]")
    else:
        yield path, one, other


def display_text(value: Any) -> str:
    """Return a JSON value as text for people, with invisible characters escaped."""
    return visible(json.dumps(value, ensure_ascii=False, default=str))


def is_number(value: Any) -> bool:
    """Return whether a JSON value is a number, int or float."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
