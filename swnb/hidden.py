"""Types that hold secrets in use and never show them, neither by `repr` nor by `str`.

Tools that print the variables of a traceback (pytest, `%xmode Verbose`, `cgitb`, error trackers) call
their `repr`. In swnb's own frames, whatever may hold a secret therefore has one of these types. The
frames of other libraries (pydantic, json, urllib3, http.client, ssl) hold the plain bytes, so no
traceback may lead into them: `sealed` cuts it off.
"""

from __future__ import annotations

import sys
import traceback
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Self

from swnb.errors import SwnbError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

REDACTED = "[redacted]"


class HiddenDict(dict[str, Any]):
    """A dict that shows only its keys."""

    def __repr__(self) -> str:
        return f"<hidden: {', '.join(map(str, self))}>"


class HiddenTuple(tuple[Any, ...]):
    """A tuple that shows only its length."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<hidden: {len(self)} values>"


class HiddenBytes(bytes):
    """Bytes that show only their length."""

    def __repr__(self) -> str:
        return f"<hidden: {len(self)} bytes>"

    __str__ = __repr__


class HiddenText(str):
    """A string that shows nothing; `reveal` returns its text."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Hide a string; plain `str` would copy what a hidden one shows."""
        return super().__new__(cls, str.__str__(text))

    def __repr__(self) -> str:
        return repr(REDACTED)

    def __str__(self) -> str:
        return REDACTED

    def reveal(self) -> str:
        """Return the plain string."""
        return str.__str__(self)


class Secrets(tuple[str, ...]):
    """Secrets to look for in answers, the longest first, because one may begin with another."""

    __slots__ = ()

    def __new__(cls, texts: Iterable[str] = ()) -> Self:
        """Keep each non-empty string once."""
        if type(texts) is cls:
            return texts
        return super().__new__(cls, sorted({*texts} - {""}, key=len, reverse=True))

    def __repr__(self) -> str:
        return f"<hidden: {len(self)} secrets>"


class sealed(AbstractContextManager[None]):  # noqa: N801 - it reads as a keyword
    """Cut the tracebacks of exceptions off at this block, because frames below it hold secrets.

    An exception that is not one of swnb's own is a bug to be investigated, so a note on it lists the
    lines that led to it, without their variables.
    """

    __slots__ = ("_handled",)

    def __enter__(self) -> None:
        self._handled = sys.exception()

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or trace is None:
            return
        if trace.tb_next and isinstance(error, Exception) and not isinstance(error, SwnbError):
            lines = "".join(traceback.format_tb(trace.tb_next))
            error.add_note(f"raised inside swnb, whose variables are not shown:\n{lines}")
        trace.tb_next = None
        # Not `raise … from None`, which hides the inner context but still leads to it.
        if error is not self._handled:
            error.__cause__, error.__context__ = None, self._handled
            error.__suppress_context__ = False
