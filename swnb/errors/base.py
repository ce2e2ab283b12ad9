"""The base classes of errors and warnings, and the errors that concern no command and no file."""

from __future__ import annotations

from typing import Any

from swnb import html
from swnb.visible import visible


class SwnbError(Exception):
    """The base class of all errors of swnb: catch it to handle any of them.

    Parameters
    ----------
    message : str
        What happened and where.
    advice : str, optional
        What to do about it, printed on a line of its own.

    """

    title = "swnb"

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        message = visible(message)  # it may quote the platform or a file
        super().__init__(message)
        self.message = message
        self.advice = advice

    def lines(self) -> list[str]:
        """Return the lines to print: the message, then the advice."""
        return [self.message, *([self.advice] if self.advice else [])]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __reduce__(self) -> tuple[Any, ...]:
        """Support pickling, whatever arguments the constructor takes."""
        return _restore, (type(self), self.args, self.__dict__)

    def _render_traceback_(self) -> list[str]:
        """Return one short block for IPython instead of a page of traceback."""
        first, *rest = str(self).split("\n")
        return [f"{type(self).__name__}: {first}", *(f"  {line}" for line in rest)]

    def _html_parts(self) -> list[html.Markup]:
        return [html.line(line) for line in str(self).split("\n")]

    def _repr_html_(self) -> str:
        return html.card(type(self).__name__, html.badge(self.title, "bad"), self._html_parts())


def _restore(kind: type[SwnbError], args: tuple[Any, ...], state: dict[str, Any]) -> SwnbError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class ConfigurationError(SwnbError):
    """Credentials, the host or an option are missing or malformed; nothing was sent.

    Correct the setting that the message names, then run the cell again.
    """

    title = "configuration"


class NotCopied(SwnbError, TypeError):
    """A client, call or log, or an object that contains one, cannot be pickled or copied.

    Parameters
    ----------
    what : str
        What cannot be copied, as a subject: `"a client"`.
    advice : str
        What to do instead.

    """

    title = "not copied"

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(f"{what} cannot be pickled or copied", advice=advice)


class SwnbWarning(UserWarning):
    """The base class of all warnings of swnb."""

    def __init__(self, message: str) -> None:
        super().__init__(visible(message))
