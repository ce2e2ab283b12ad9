"""What holds a secret while it is in use, and shows none: neither by `repr` nor by `str`.

Whatever prints the variables of a traceback (pytest, `%xmode Verbose`, `cgitb`, an error tracker)
asks each for its `repr`. In our own frames, what may hold a secret is therefore of one of the types
here. Below them, the frames of other libraries (pydantic, json, urllib3, http.client, ssl) hold the
plain bytes, which no type of ours can follow; so no traceback leads into them: `sealed` cuts it.
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
    """A dict that shows its names alone."""

    def __repr__(self) -> str:
        return f"<hidden: {', '.join(map(str, self))}>"


class HiddenTuple(tuple[Any, ...]):
    """A tuple that shows how many it holds."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<hidden: {len(self)} values>"


class HiddenBytes(bytes):
    """Bytes that show how many they are."""

    def __repr__(self) -> str:
        return f"<hidden: {len(self)} bytes>"

    __str__ = __repr__


class HiddenText(str):
    """A string that shows nothing; `reveal` returns it as it is."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Hide a string; `str` alone would take what a hidden one shows."""
        return super().__new__(cls, str.__str__(text))

    def __repr__(self) -> str:
        return repr(REDACTED)

    def __str__(self) -> str:
        return REDACTED

    def reveal(self) -> str:
        """Return the plain string."""
        return str.__str__(self)


class Secrets(tuple[str, ...]):
    """Secrets to look for in what comes back, the longest first: one may begin with another."""

    __slots__ = ()

    def __new__(cls, texts: Iterable[str] = ()) -> Self:
        """Take what is not empty, each once."""
        if type(texts) is cls:
            return texts
        return super().__new__(cls, sorted({*texts} - {""}, key=len, reverse=True))

    def __repr__(self) -> str:
        return f"<hidden: {len(self)} secrets>"


class sealed(AbstractContextManager[None]):  # noqa: N801 - it reads as a keyword
    """Let every exception pass, and none lead deeper than this block: frames below hold secrets.

    An exception that is not one of swnb's own is a fault to be looked into, so a note on it says
    which lines led to it, without their variables.
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
        # Not `raise … from None`, which hides what was being handled inside and still leads there.
        if error is not self._handled:
            error.__cause__, error.__context__ = None, self._handled
            error.__suppress_context__ = False
