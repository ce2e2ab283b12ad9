"""JSON that a person types: into a form, below `%%sw`, or as a number on a line."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from swnb.errors import SwnbError
from swnb.exchange import JSON_NUMBER, loads

Pairs = list[tuple[str, Any]]


class NotJson(ValueError):
    """Text that is not JSON; the message continues a sentence about the text."""


def parse_json(text: str, make_object: Callable[[Pairs], dict[str, Any]] = dict) -> Any:
    """Return the value of a JSON text.

    Parameters
    ----------
    text : str
        What was typed.
    make_object : callable, default dict
        Makes each object of its key and value pairs; a `SwnbError` that it raises is passed on.

    Returns
    -------
    Any
        The value.

    Raises
    ------
    NotJson
        If the text is not JSON, with the line and the column.

    Examples
    --------
    >>> parse_json('{"volume": 5}')
    {'volume': 5}

    """
    try:
        return json.loads(text, object_pairs_hook=make_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        message = f"is not valid JSON: {reason} at line {error.lineno}, column {error.colno}"
        raise NotJson(message) from None
    except RecursionError:
        raise NotJson("is nested too deeply") from None
    except (NotJson, SwnbError):
        raise
    except ValueError as error:  # a number with too many digits
        raise NotJson(f"is not valid JSON: {error}") from None


def number_or_text(text: str) -> Any:
    """Return a JSON number as int or float, and any other text unchanged."""
    return loads(text.encode()) if JSON_NUMBER.fullmatch(text) else text


def _refuse_constant(name: str) -> Any:
    raise NotJson(f"contains {name}, which is not valid JSON")
