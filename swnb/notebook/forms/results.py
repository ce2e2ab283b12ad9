"""How a form shows the result of a request, in the form and as a plain output that is saved.

Widgets and their content are gone when a notebook is reopened without a kernel. So a form has a
second output below it, of plain HTML and text, that each Send replaces. Where the page's module is
not installed, this output holds a few lines of JavaScript at first, because ipywidgets cannot set
attributes from Python; they are replaced at once, are not saved, and do nothing when the notebook is
reopened.
"""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from typing import Any

from IPython import get_ipython
from IPython.display import display as _display

from swnb import html
from swnb.cards import as_python, reply_card, sources
from swnb.errors import SendError, SwnbError
from swnb.notebook.page import ROOT
from swnb.redact import redact_text
from swnb.session.answers.replies import Reply

# With the focus on a dropdown or a button, JupyterLab treats `b` and `d d` as commands on cells. It
# looks for this attribute from the focused element up to the element of its own selector.
_KEEP_KEYS = f"""
if (!window.swnbKeepsKeys) {{
  window.swnbKeepsKeys = true;
  document.addEventListener("focusin", ({{target}}) => {{
    if (target.closest(".{ROOT}") && !target.matches(":read-write")) {{
      target.setAttribute("data-lm-suppress-shortcuts", "true");
    }}
  }});
}}
"""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of the last request, as HTML and as text."""

    html: str
    text: str

    @property
    def bundle(self) -> dict[str, str]:
        """The plain output by MIME type."""
        return {"text/html": self.html, "text/plain": self.text}


def note(text: str) -> Result:
    """Return a short text as a result, for when there is no request to show."""
    return Result(f'<div style="opacity:.65;font-size:12px">{html.text(text)}</div>', text)


def reply_result(reply: Reply) -> Result:
    """Return a reply's card, and as text the request in Python with the outcome."""
    exchange = reply.exchange
    text = f"{as_python(exchange)}\n# {exchange.outcome}: {reply!r}"
    return Result(reply_card(reply.shown, exchange), text)


def error_result(error: BaseException) -> Result:
    """Return an error's card; a foreign error shows only its type and its redacted message."""
    if isinstance(error, KeyboardInterrupt):
        lines = [str(error), *getattr(error, "__notes__", ())]
        card = html.card(
            "KeyboardInterrupt", html.badge("interrupted", "bad"), map(html.line, lines)
        )
        return Result(card, "\n".join(["KeyboardInterrupt:", *lines]))
    if isinstance(error, SendError):
        request = html.folded("Request as Python, curl, TypeScript", sources(error.exchange))
        shown = f"{error._repr_html_()}{request}"
        return Result(shown, f"{as_python(error.exchange)}\n# {type(error).__name__}: {error}")
    if isinstance(error, SwnbError):
        return Result(error._repr_html_(), f"{type(error).__name__}: {error}")
    text = f"{type(error).__name__}: {redact_text(str(error))}"
    return Result(
        html.card(type(error).__name__, html.badge("error", "bad"), [html.line(text)]), text
    )


def show(bundle: dict[str, Any], **options: Any) -> None:
    """Display a bundle of MIME types in the current cell's output."""
    _display(bundle, raw=True, **options)  # type: ignore[no-untyped-call] # IPython's own


class PlainOutput:
    """The output below a form; `keep_keys` says whether it has to guard the form's keys."""

    def __init__(self, *, keep_keys: bool) -> None:
        self._keep_keys = keep_keys
        self._id = f"swnb-form-{uuid.uuid4().hex}"
        self._displayed = False

    @property
    def live(self) -> bool:
        """Whether it is on a page where it can be updated; on Voila's pages there is none."""
        return self._displayed

    def display(self, result: Result) -> None:
        """Display a result in the current cell's output, where it can be replaced later."""
        shell = get_ipython()
        if os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
            return  # it would say for good that nothing was sent
        if shell is not None and hasattr(shell, "kernel"):
            first = {"application/javascript": _KEEP_KEYS} if self._keep_keys else result.bundle
            show(first, display_id=self._id)
            self._displayed = True
            self.update(result)
        else:
            show(result.bundle)

    def update(self, result: Result) -> None:
        """Replace the result that is shown."""
        if self._displayed:
            show(result.bundle, display_id=self._id, update=True)
