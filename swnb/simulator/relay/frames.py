"""JSON-RPC frames, as texts and as objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from swnb.exchange import loads

MOST_BYTES = 10 * 2**20  # of a frame that is taken
PARSE_ERROR, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS = -32700, -32600, -32601, -32602
REFUSED, STALE = -32002, -32003


def read(text: str | bytes) -> dict[str, Any] | None:
    """Return a frame, None if it is not a JSON object."""
    try:
        value = loads(text if isinstance(text, bytes) else text.encode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def request(id_: str, method: str, params: Mapping[str, Any]) -> str:
    """Return a request."""
    return json.dumps({"jsonrpc": "2.0", "id": id_, "method": method, "params": params})


def result(id_: Any, value: Mapping[str, Any]) -> str:
    """Return the answer to a request."""
    return json.dumps({"jsonrpc": "2.0", "id": id_, "result": value})


def failure(id_: Any, code: int, message: str) -> str:
    """Return the error that a request gets instead."""
    error = {"code": code, "message": message}
    return json.dumps({"jsonrpc": "2.0", "id": id_, "error": error})
